package io.multinic.agent.install;

import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The DaemonSet that this agent's pod belongs to: it tells a removal from a restart.
public final class OwnDaemonSet {
    private static final Logger log = LoggerFactory.getLogger(OwnDaemonSet.class);

    private final KubernetesClient kubernetes;
    private final String namespace;
    private final String name;
    private final Duration between;

    private enum Answer {
        THERE,
        GOING,
        UNKNOWN
    }

    /// @param id `namespace/name`
    /// @param between the two looks that a removal takes
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

    /// Whether it is deleted, or being deleted, or no business of ours any more: our rights go together with it.
    ///
    /// Seen twice, since an API server that is just starting refuses everybody for a moment. One that cannot be
    /// asked says nothing.
    public boolean goes() throws InterruptedException {
        if (ask() != Answer.GOING) {
            return false;
        }
        Thread.sleep(between);
        return ask() == Answer.GOING;
    }

    private Answer ask() {
        try {
            DaemonSet found = kubernetes
                    .apps()
                    .daemonSets()
                    .inNamespace(namespace)
                    .withName(name)
                    .get();
            return found == null || found.getMetadata().getDeletionTimestamp() != null ? Answer.GOING : Answer.THERE;
        } catch (KubernetesClientException e) {
            boolean refused = e.getCode() == HttpURLConnection.HTTP_UNAUTHORIZED
                    || e.getCode() == HttpURLConnection.HTTP_FORBIDDEN;
            if (refused) {
                return Answer.GOING;
            }
            log.atWarn()
                    .addKeyValue("daemonSet", namespace + "/" + name)
                    .addKeyValue("reason", e.getMessage())
                    .log("cannot ask whether the agent is being removed; it leaves everything in place");
            return Answer.UNKNOWN;
        }
    }
}
