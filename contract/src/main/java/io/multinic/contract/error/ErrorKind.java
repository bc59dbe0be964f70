package io.multinic.contract.error;

/// Kinds of error, by the party that can resolve them.
public enum ErrorKind {
    /// The request is wrong; the same request will fail again.
    CALLER,
    /// The request is valid, but there is no capacity for it now.
    CAPACITY,
    /// A service does not answer; try again.
    TRANSIENT,
    /// A fault of this software.
    INTERNAL
}
