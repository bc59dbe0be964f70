package io.multinic.contract.wire;

/// What is wrong with what a node says of an address.
public enum ConflictKind {
    /// It says that it gave out an address that another one holds; it gets it when the other one frees it.
    ADDRESS_HELD,
    /// It says that it freed what the ledger did not see held there.
    NOT_HELD,
    /// An administrator took the address from its holder, and the node has not said yet that it is free.
    RELEASED
}
