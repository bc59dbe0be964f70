package io.multinic.ipam.ledger;

import io.multinic.contract.wire.Allocation;
import java.time.Instant;

/// One event's word that someone holds an address: who says it, by which event, and since when. `sequence`
/// is 0 if not an event but a session stated it.
public record AddressClaim(long nodeId, long journalId, long sequence, Allocation allocation, Instant at) {
    /// Whether both are the same interface of the same sandbox on the same node.
    boolean sameHolder(AddressClaim other) {
        return nodeId == other.nodeId
                && allocation.containerId().equals(other.allocation.containerId())
                && allocation.ifName().equals(other.allocation.ifName())
                && allocation.podInterface().equals(other.allocation.podInterface());
    }
}
