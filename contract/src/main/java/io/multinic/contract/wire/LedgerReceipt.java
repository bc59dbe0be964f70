package io.multinic.contract.wire;

/// All events of the node's journal up to and including `storedThrough` are stored for good.
public record LedgerReceipt(long storedThrough) {}
