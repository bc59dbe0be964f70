package io.multinic.contract.wire;

/// Kinds of change by an administrator or the controller.
public enum AuditAction {
    NETWORK_DEFINED,
    NETWORK_EDITED,
    NETWORK_REMOVED,
    /// The node registered under its name: it is new, came back, or replaced another one.
    NODE_DEFINED,
    /// The node's NICs or their addresses changed.
    NODE_EDITED,
    NODE_RETIRED,
    RESERVATION_MADE,
    RESERVATION_REMOVED,
    /// An administrator released an address from its holder.
    ADDRESS_RELEASED,
    /// An administrator stopped the assignment of new indexes.
    QUARANTINE_BEGUN,
    /// An administrator allowed the assignment of new indexes before all nodes had stated their blocks.
    QUARANTINE_ENDED,
    /// The database had lost blocks, and restored them from the statement of their node.
    BLOCKS_RESTORED
}
