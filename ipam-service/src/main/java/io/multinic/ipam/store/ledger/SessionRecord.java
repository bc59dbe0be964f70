package io.multinic.ipam.store.ledger;

/// The session of a node whose turn it is, and how much of its journal is stored.
public record SessionRecord(long nodeId, long journalId, long epoch, long storedThrough) {}
