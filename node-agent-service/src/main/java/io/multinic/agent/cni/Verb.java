package io.multinic.agent.cni;

/// The commands of CNI 1.1.0.
enum Verb {
    ADD,
    DEL,
    CHECK,
    GC,
    STATUS,
    VERSION;

    /// Whether the command is about one attachment and so needs its container and interface.
    boolean concernsAttachment() {
        return this == ADD || this == DEL || this == CHECK;
    }
}
