package io.multinic.ipam.store;

/// A stored node. Of all nodes with one name one at most is `current`; a `retired` one has no blocks.
public record NodeRecord(long id, String uid, String name, boolean current, boolean retired) {}
