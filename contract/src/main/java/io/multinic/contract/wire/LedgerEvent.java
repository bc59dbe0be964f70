package io.multinic.contract.wire;

import java.time.Instant;

/// Change of an address; the node's journal numbers its events without gaps from 1.
public record LedgerEvent(long sequence, Type type, Instant at, Allocation allocation) {
    /// Kinds of change.
    public enum Type {
        ALLOCATED,
        FREED
    }
}
