package io.multinic.ipam.truth;

import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.LedgerBatch;
import io.multinic.contract.wire.LedgerReceipt;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NodeInventory;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What a walk does to an ipam-service, and what it sees of it. What is refused throws [MultiNicException].
interface Ipam {
    void putNetwork(NetworkDefinition definition);

    void deleteNetwork(String name);

    void putNode(String name, NodeInventory inventory);

    void retire(String name, @Nullable String uid);

    SessionGrant openSession(String node, SessionRequest request);

    LedgerReceipt append(String node, LedgerBatch batch);

    /// By an administrator, by force.
    ///
    /// @return the end of what its holder had
    Instant release(String network, IpAddress address);

    Seen seen();
}
