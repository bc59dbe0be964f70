package io.multinic.ipam.model;

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

/// The operations of an ipam-service that a random walk uses. A refusal throws [MultiNicException].
interface IpamOperations {
    /// The time without a report after which a node that is gone may be retired.
    Duration SILENT_AFTER = Duration.ofMinutes(2);

    void putNetwork(NetworkDefinition definition);

    void deleteNetwork(String name);

    /// @param isNew false if the same reservation existed
    record ReservationResult(ObservedState.Reservation reservation, boolean isNew) {}

    ReservationResult reserve(String network, ReservationRequest request);

    /// Removes the reservation that begins at `first`, if there is one.
    void unreserve(String network, IpAddress first);

    void putNode(String name, NodeInventory inventory);

    /// @param gone whether the node has left the cluster for good, which ends the intervals of its pods
    void retire(String name, @Nullable String uid, boolean gone);

    SessionGrant openSession(String node, SessionRequest request);

    LedgerReceipt append(String node, LedgerBatch batch);

    /// Releases an address by force, as an administrator does.
    ///
    /// @return the end of the holder's interval
    Instant release(String network, IpAddress address);

    ObservedState observe();
}
