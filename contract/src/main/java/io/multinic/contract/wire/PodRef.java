package io.multinic.contract.wire;

/// A pod by namespace, name and UID. What the runtime does not pass is empty: the UID often is, and all three are for a
/// container that is no pod.
public record PodRef(String namespace, String name, String uid) {
    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
