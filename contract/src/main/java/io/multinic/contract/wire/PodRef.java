package io.multinic.contract.wire;

/// A pod by namespace, name and UID; the UID is empty where the runtime does not pass it.
public record PodRef(String namespace, String name, String uid) {
    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
