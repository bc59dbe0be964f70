package io.multinic.agent.install;

import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Checks the DaemonSet of this agent's pod, which distinguishes an uninstallation from a restart.
public final class OwnDaemonSet {
    private static final Logger log = LoggerFactory.getLogger(OwnDaemonSet.class);

    private final KubernetesClient kubernetes;
    private final String namespace;
    private final String name;
    private final Duration between;

    private enum Answer {
        PRESENT,
        REMOVED,
        UNKNOWN
    }

    /// @param id `namespace/name`
    /// @param between delay between the two checks that confirm a removal
    public OwnDaemonSet(KubernetesClient kubernetes, String id, Duration between) {
        this.kubernetes = kubernetes;
        int slash = id.indexOf('/');
        this.namespace = id.substring(0, Math.max(0, slash));
        this.name = id.substring(slash + 1);
        this.between = between;
        if (namespace.isEmpty() || name.isEmpty() || name.contains("/")) {
            throw new IllegalArgumentException("multi-nic.agent.daemon-set is '" + id + "', not NAMESPACE/NAME");
        }
    }

    /// True if the DaemonSet is deleted or being deleted, or if the agent's rights are gone, which are deleted with
    /// it.
    ///
    /// Checked twice, since a starting API server refuses all requests for a moment. An unreachable API server is
    /// no evidence of a removal.
    public boolean removed() throws InterruptedException {
        if (check() != Answer.REMOVED) {
            return false;
        }
        Thread.sleep(between);
        return check() == Answer.REMOVED;
    }

    private Answer check() {
        try {
            DaemonSet found = kubernetes
                    .apps()
                    .daemonSets()
                    .inNamespace(namespace)
                    .withName(name)
                    .get();
            return found == null || found.getMetadata().getDeletionTimestamp() != null
                    ? Answer.REMOVED
                    : Answer.PRESENT;
        } catch (KubernetesClientException e) {
            boolean refused = e.getCode() == HttpURLConnection.HTTP_UNAUTHORIZED
                    || e.getCode() == HttpURLConnection.HTTP_FORBIDDEN;
            if (refused) {
                return Answer.REMOVED;
            }
            log.atWarn()
                    .addKeyValue("daemonSet", namespace + "/" + name)
                    .addKeyValue("reason", e.getMessage())
                    .log("DaemonSet cannot be read, the node is not cleaned up");
            return Answer.UNKNOWN;
        }
    }
}
