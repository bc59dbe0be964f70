package io.multinic.ipam.store;

/// Stored node. At most one node of a name is `current`; a `retired` one has no blocks.
public record NodeRecord(long id, String uid, String name, boolean current, boolean retired) {}
