package io.multinic.contract.wire;

/// Pod by namespace, name and UID. Fields that the runtime does not pass are empty: often the UID, and all three for a
/// container that is not a pod's.
public record PodRef(String namespace, String name, String uid) {
    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
