package io.multinic.ipam.service;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.ipam.store.NodeRecord;

/// Errors for networks and nodes that do not exist or are retired.
public final class LookupErrors {
    private LookupErrors() {}

    public static MultiNicException networkUnknown(String name) {
        return new MultiNicException(ErrorCode.NETWORK_UNKNOWN, "network " + name + " does not exist; PUT it first");
    }

    public static MultiNicException nodeUnknown(String name) {
        return new MultiNicException(
                ErrorCode.NODE_UNKNOWN,
                "node " + name + " is not known; its NICs must arrive first (PUT /api/v1/nodes/" + name
                        + ", done by the controller once the node's HostInterface exists)");
    }

    public static MultiNicException nodeRetired(NodeRecord node) {
        return new MultiNicException(
                ErrorCode.NODE_RETIRED,
                "node " + node.name() + " with UID " + node.uid()
                        + " has been retired: its blocks may be another node's, so"
                        + " no more addresses of them may be given out. If it is still in the cluster, the controller puts it"
                        + " again (PUT /api/v1/nodes/" + node.name() + "), and it gets new blocks");
    }
}
