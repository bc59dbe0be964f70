package io.multinic.ipam.security;

/// Role of a caller.
public enum Role {
    /// Defines networks and nodes.
    CONTROLLER,
    /// Acts for one node.
    AGENT,
    /// Reads everything and changes nothing.
    READER,
    /// May call every operation.
    ADMIN
}
