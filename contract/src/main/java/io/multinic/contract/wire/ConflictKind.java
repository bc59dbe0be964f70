package io.multinic.contract.wire;

/// Kinds of conflict between a node's report about an address and the ledger.
public enum ConflictKind {
    /// The node assigned an address that another holder has; it becomes the holder when the other one frees it.
    ADDRESS_HELD,
    /// The node freed an address that the ledger does not show as held there.
    NOT_HELD,
    /// An administrator released the address from its holder, and the node has not reported it as free yet.
    RELEASED
}
