package io.multinic.contract.wire;

/// What an administrator or the controller changed.
public enum AuditAction {
    NETWORK_DEFINED,
    NETWORK_EDITED,
    NETWORK_REMOVED,
    /// The node took its name: it is new, came back, or replaced another one.
    NODE_DEFINED,
    /// The node's NICs or their addresses changed.
    NODE_EDITED,
    NODE_RETIRED,
    RESERVATION_MADE,
    RESERVATION_REMOVED,
    /// An address was taken from its holder by hand.
    ADDRESS_RELEASED,
    /// New indexes were stopped by hand.
    QUARANTINE_BEGUN,
    /// New indexes were allowed by hand, though nodes had not said which blocks they have.
    QUARANTINE_ENDED,
    /// The database had lost blocks, and has them again by the word of their node.
    BLOCKS_RESTORED
}
