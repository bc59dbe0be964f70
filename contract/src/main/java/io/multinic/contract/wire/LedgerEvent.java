package io.multinic.contract.wire;

import java.time.Instant;

/// One change of an address, numbered by its node's journal without gaps from 1.
public record LedgerEvent(long sequence, Type type, Instant at, Allocation allocation) {
    /// What happened to the address.
    public enum Type {
        ALLOCATED,
        FREED
    }
}
