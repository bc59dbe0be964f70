package io.multinic.controller.kubernetes;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.controller.ipam.IpamClient;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells ipam-service that a node has left the cluster for good. What the node held is kept as long as it is in use.
final class NodeRetirement {
    private static final Logger LOG = LoggerFactory.getLogger(NodeRetirement.class);

    private final IpamClient ipam;

    NodeRetirement(IpamClient ipam) {
        this.ipam = ipam;
    }

    /// Whether the node is retired; it is not while its pods hold addresses.
    ///
    /// @throws MultiNicException when ipam-service could not be asked
    boolean retire(String node, String uid) {
        try {
            ipam.retireNode(node, uid);
            LOG.atInfo().addKeyValue("node", node).addKeyValue("nodeUid", uid).log("node retired");
            return true;
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
    }
}
