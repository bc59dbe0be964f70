package io.multinic.ipam.security;

/// What a caller is here for.
public enum Role {
    /// Tells which networks and nodes exist.
    CONTROLLER,
    /// Speaks for one node.
    AGENT,
    /// Looks at everything and changes nothing.
    READER,
    /// May do everything.
    ADMIN
}
