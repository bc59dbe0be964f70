package io.multinic.controller.ipam;

import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NetworkState;
import io.multinic.contract.wire.NodeInventory;
import io.multinic.contract.wire.NodeState;
import io.multinic.contract.wire.QuarantineState;
import java.util.List;
import java.util.Optional;

/// What the controller asks of ipam-service. Every call may be made again.
///
/// All throw [MultiNicException] with the code that ipam-service gave: CALLER and CAPACITY codes are refusals, the same
/// request will fail again; TRY_AGAIN_LATER when ipam-service did not answer or could not.
public interface IpamClient {
    /// The plan of a network; empty only when ipam-service itself says that it does not know the network.
    Optional<NetworkState> network(String name);

    NetworkState putNetwork(NetworkDefinition definition);

    /// Returns when the network is gone, also if it was before.
    ///
    /// @throws MultiNicException IN_USE, naming the nodes, while pods hold addresses of it
    void deleteNetwork(String name);

    /// The current node of this name; empty only when ipam-service itself says that it does not know the node.
    Optional<NodeState> node(String name);

    /// All nodes that are not retired, also those whose name another one has taken.
    List<NodeState> nodes();

    void putNode(String name, NodeInventory inventory);

    /// Whether the database may have lost commits, and since when.
    QuarantineState quarantine();

    /// Returns when the node is retired, also if it was before.
    ///
    /// @param gone whether it is proven, twice with time between, that the node has left the cluster
    /// @throws MultiNicException IN_USE while its pods hold addresses; of a node that is gone, these end, and it is
    ///     refused while its agent still speaks
    void retireNode(String name, String uid, boolean gone);
}
