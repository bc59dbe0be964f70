package io.multinic.e2e.observe;

import io.multinic.contract.address.IpAddress;

/// An interface in a pod, such as `net1-0`, and its IPv4 address.
public record PodNic(String name, IpAddress address) implements Comparable<PodNic> {
    @Override
    public int compareTo(PodNic other) {
        int byName = name.compareTo(other.name);
        return byName != 0 ? byName : address.compareTo(other.address);
    }

    @Override
    public String toString() {
        return name + " " + address;
    }
}
