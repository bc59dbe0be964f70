package io.multinic.controller.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.multinic.contract.crd.HostInterface;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.controller.ipam.IpamClient;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells ipam-service that a node has left the cluster for good, then removes its HostInterface.
///
/// What the node held is kept as long as it is in use, and its HostInterface with it. Users' own HostInterfaces are
/// never removed.
final class NodeRetirement {
    private static final String UNMANAGED_LABEL = "multi-nic-unmanaged";
    private static final Logger LOG = LoggerFactory.getLogger(NodeRetirement.class);

    private final KubernetesClient client;
    private final IpamClient ipam;

    NodeRetirement(KubernetesClient client, IpamClient ipam) {
        this.client = client;
        this.ipam = ipam;
    }

    /// Whether the node is retired; it is not while its pods hold addresses.
    ///
    /// @throws MultiNicException when ipam-service could not be asked
    boolean retire(String node, String uid) {
        try {
            ipam.retireNode(node, uid);
        } catch (MultiNicException e) {
            if (e.code() != ErrorCode.IN_USE) {
                throw e;
            }
            LOG.atWarn()
                    .addKeyValue("node", node)
                    .addKeyValue("nodeUid", uid)
                    .addKeyValue("reason", e.getMessage())
                    .log("node has left the cluster, its addresses are kept");
            return false;
        }
        LOG.atInfo().addKeyValue("node", node).addKeyValue("nodeUid", uid).log("node retired");
        removeHostInterface(node);
        return true;
    }

    private void removeHostInterface(String node) {
        var resource = client.resources(HostInterface.class).withName(node);
        HostInterface host = resource.get();
        boolean another = client.nodes().withName(node).get() != null;
        if (host == null || another) {
            return;
        }
        var labels = host.getMetadata().getLabels();
        if (labels == null || !"true".equals(labels.get(UNMANAGED_LABEL))) {
            resource.delete();
        }
    }
}
