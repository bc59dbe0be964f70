package io.multinic.ipam.truth;

import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.LedgerBatch;
import io.multinic.contract.wire.LedgerReceipt;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NodeInventory;
import io.multinic.contract.wire.ReservationRequest;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What a walk does to an ipam-service, and what it sees of it. What is refused throws [MultiNicException].
interface Ipam {
    /// How long nothing must be heard of a node that is said to be gone.
    Duration SILENT_AFTER = Duration.ofMinutes(2);

    void putNetwork(NetworkDefinition definition);

    void deleteNetwork(String name);

    /// @param isNew false if the very same was there already
    record Made(Seen.Reservation reservation, boolean isNew) {}

    Made reserve(String network, ReservationRequest request);

    /// Removes the reservation that begins there, if there is one.
    void unreserve(String network, IpAddress first);

    void putNode(String name, NodeInventory inventory);

    /// @param gone it has left the cluster for good: what its pods held ends
    void retire(String name, @Nullable String uid, boolean gone);

    SessionGrant openSession(String node, SessionRequest request);

    LedgerReceipt append(String node, LedgerBatch batch);

    /// By an administrator, by force.
    ///
    /// @return the end of what its holder had
    Instant release(String network, IpAddress address);

    Seen seen();
}
