package io.multinic.controller.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.multinic.contract.crd.HostInterface;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.controller.ipam.IpamClient;
import java.net.HttpURLConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells ipam-service that a node has left the cluster for good.
///
/// That a Node is gone must be the API server's own answer at this moment, never an event or a cache: between a
/// deletion and its event the name may have come back as another node. One such answer frees nothing: what the node
/// holds is kept. Addresses end when it is proven gone, see [io.multinic.controller.node.MissedNodes].
final class NodeRetirement {
    private static final String UNMANAGED_LABEL = "multi-nic-unmanaged";
    private static final Logger LOG = LoggerFactory.getLogger(NodeRetirement.class);

    private final KubernetesClient client;
    private final IpamClient ipam;

    NodeRetirement(KubernetesClient client, IpamClient ipam) {
        this.client = client;
        this.ipam = ipam;
    }

    /// What became of a name.
    enum Outcome {
        /// There is a Node of this name.
        PRESENT,
        /// There is no Node, and ipam-service knows none.
        UNKNOWN,
        RETIRED,
        /// There is no Node, but its pods hold addresses.
        KEPT
    }

    /// Retires the node of this name if its Node is gone, and removes its HostInterface, unless that is a user's own.
    ///
    /// @throws MultiNicException when ipam-service could not be asked
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

    /// Retires the node of this UID, which the caller has proven gone twice with time between, and removes the
    /// HostInterface of its name, unless that is another node's or a user's own. What its pods held ends.
    ///
    /// Whether it is retired; it is not while its agent still speaks to ipam-service.
    ///
    /// @throws MultiNicException when ipam-service could not be asked
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

    /// Retires a node whose name another one has taken. Whether it is retired; it is not while its pods hold addresses.
    ///
    /// @throws MultiNicException when ipam-service could not be asked
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
            LOG.atWarn()
                    .addKeyValue("node", name)
                    .addKeyValue("nodeUid", uid)
                    .addKeyValue("reason", e.getMessage())
                    .log("node has left the cluster, its addresses are kept");
            return false;
        }
        LOG.atInfo().addKeyValue("node", name).addKeyValue("nodeUid", uid).log("node retired");
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
                // An agent has written to it: it stands for a node that is there.
            }
        }
    }
}
