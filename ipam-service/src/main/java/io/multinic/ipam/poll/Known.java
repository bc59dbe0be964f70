package io.multinic.ipam.poll;

/// The plan that an agent knows: a revision counts the changes of the database that `history` names.
public record Known(String node, long revision, String history) {}
