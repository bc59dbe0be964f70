package io.multinic.agent.cni;

/// The commands of CNI 1.1.0.
enum Verb {
    ADD,
    DEL,
    CHECK,
    GC,
    STATUS,
    VERSION;

    /// True if the command concerns one attachment and needs its container and interface.
    boolean concernsAttachment() {
        return this == ADD || this == DEL || this == CHECK;
    }
}
