package io.multinic.ipam.ledger;

import io.multinic.contract.wire.Allocation;
import java.time.Instant;

/// Claim that a pod holds an address: the node and the journal event that claim it, and the time from which on.
/// `sequence` is 0 if the claim comes from a session instead of an event.
public record AddressClaim(long nodeId, long journalId, long sequence, Allocation allocation, Instant at) {
    /// Returns true if both are the same interface of the same sandbox on the same node.
    boolean sameHolder(AddressClaim other) {
        return nodeId == other.nodeId
                && allocation.containerId().equals(other.allocation.containerId())
                && allocation.ifName().equals(other.allocation.ifName())
                && allocation.podInterface().equals(other.allocation.podInterface());
    }
}
