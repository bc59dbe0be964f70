package io.multinic.contract.error;

/// Who can do something about an error.
public enum ErrorKind {
    /// The request is wrong; the same request will fail again.
    CALLER,
    /// The request is right, but there is no room for it now.
    CAPACITY,
    /// Something that should be there does not answer; try again.
    TRANSIENT,
    /// A fault of ours.
    INTERNAL
}
