package io.multinic.contract.wire;

/// Receipt for a batch: all events of the node's journal up to and including `storedThrough` are stored durably.
public record LedgerReceipt(long storedThrough) {}
