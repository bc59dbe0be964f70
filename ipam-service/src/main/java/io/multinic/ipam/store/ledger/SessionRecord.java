package io.multinic.ipam.store.ledger;

/// Present session of a node, with the sequence up to which its journal is stored.
public record SessionRecord(long nodeId, long journalId, long epoch, long storedThrough) {}
