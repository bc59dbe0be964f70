package io.multinic.controller.reconcile.node;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.multinic.contract.crd.HostInterface;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.controller.ipam.IpamClient;
import java.net.HttpURLConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Retires nodes at ipam-service that have left the cluster.
///
/// The absence of a Node must be the API server's own answer at this moment, never an event or a cache: between a
/// deletion and its event, another node may have registered under the name. One such answer releases no addresses; they
/// are released when the node is proven gone, see [io.multinic.controller.node.MissingNodes].
final class NodeRemoval {
    private static final String UNMANAGED_LABEL = "multi-nic-unmanaged";
    private static final Logger log = LoggerFactory.getLogger(NodeRemoval.class);

    private final KubernetesClient client;
    private final IpamClient ipam;

    NodeRemoval(KubernetesClient client, IpamClient ipam) {
        this.client = client;
        this.ipam = ipam;
    }

    /// Result of [#retireIfGone].
    enum Outcome {
        /// There is a Node of this name.
        PRESENT,
        /// There is no Node, and ipam-service knows none.
        UNKNOWN,
        RETIRED,
        /// There is no Node, but its pods hold addresses.
        KEPT
    }

    /// Retires the node of this name if its Node is gone, and deletes its HostInterface unless a user manages it.
    ///
    /// @throws MultiNicException if a request to ipam-service failed
    Outcome retireIfGone(String name) {
        if (client.nodes().withName(name).get() != null) {
            return Outcome.PRESENT;
        }
        var known = ipam.node(name);
        if (known.isEmpty()) {
            return Outcome.UNKNOWN;
        }
        return retireWithHostInterface(name, known.get().nodeUid(), false) ? Outcome.RETIRED : Outcome.KEPT;
    }

    /// Retires the node of this UID and releases the addresses of its pods. The caller has proven it gone, by two
    /// checks with time between. Deletes the HostInterface of its name, unless it is another node's or managed by a
    /// user.
    ///
    /// @return false if the node is not retired, because its agent still has contact to ipam-service
    /// @throws MultiNicException if a request to ipam-service failed
    boolean retireGone(String name, String uid) {
        return retireWithHostInterface(name, uid, true);
    }

    private boolean retireWithHostInterface(String name, String uid, boolean gone) {
        boolean retired = retire(name, uid, gone);
        if (retired) {
            removeHostInterface(name);
        }
        return retired;
    }

    /// Retires a node that another node of the same name has superseded.
    ///
    /// @return false if the node is not retired, because its pods hold addresses
    /// @throws MultiNicException if a request to ipam-service failed
    boolean retire(String name, String uid) {
        return retire(name, uid, false);
    }

    private boolean retire(String name, String uid, boolean gone) {
        try {
            ipam.retireNode(name, uid, gone);
        } catch (MultiNicException e) {
            if (e.code() != ErrorCode.IN_USE) {
                throw e;
            }
            log.atWarn()
                    .addKeyValue("node", name)
                    .addKeyValue("nodeUid", uid)
                    .addKeyValue("reason", e.getMessage())
                    .log("node not retired, its addresses are kept");
            return false;
        }
        log.atInfo().addKeyValue("node", name).addKeyValue("nodeUid", uid).log("node retired");
        return true;
    }

    private void removeHostInterface(String name) {
        var resource = client.resources(HostInterface.class).withName(name);
        HostInterface host = resource.get();
        if (host == null || client.nodes().withName(name).get() != null) {
            return;
        }
        var labels = host.getMetadata().getLabels();
        if (labels == null || !"true".equals(labels.get(UNMANAGED_LABEL))) {
            try {
                resource.lockResourceVersion(host.getMetadata().getResourceVersion())
                        .delete();
            } catch (KubernetesClientException e) {
                if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                    throw e;
                }
                // An agent has updated it: its node is present again.
            }
        }
    }
}
