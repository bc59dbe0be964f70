package io.multinic.controller.ipam;

import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NetworkState;
import io.multinic.contract.wire.NodeInventory;
import io.multinic.contract.wire.NodeState;
import io.multinic.contract.wire.QuarantineState;
import java.util.List;
import java.util.Optional;

/// Port to ipam-service. All operations are idempotent.
///
/// All throw [MultiNicException] with the error code of ipam-service: CALLER and CAPACITY codes are refusals, and the
/// same request will fail again; TRY_AGAIN_LATER if ipam-service did not answer or was not able to.
public interface IpamClient {
    /// The plan of a network; empty only if ipam-service itself answers that it does not know the network.
    Optional<NetworkState> network(String name);

    NetworkState putNetwork(NetworkDefinition definition);

    /// Deletes a network; does nothing if there is none.
    ///
    /// @throws MultiNicException IN_USE, naming the nodes, while pods hold addresses of it
    void deleteNetwork(String name);

    /// The current node of this name; empty only if ipam-service itself answers that it does not know the node.
    Optional<NodeState> node(String name);

    /// All nodes that are not retired, including those that were superseded by another node of the same name.
    List<NodeState> nodes();

    void putNode(String name, NodeInventory inventory);

    /// The state of the quarantine that follows a possible loss of commits in the database.
    QuarantineState quarantine();

    /// Retires a node; does nothing if it is retired.
    ///
    /// @param gone true if two checks with time between have proven that the node has left the cluster
    /// @throws MultiNicException IN_USE while its pods hold addresses; if the node is gone, those addresses are
    ///     released instead, and IN_USE means that its agent still has contact to ipam-service
    void retireNode(String name, String uid, boolean gone);
}
