package io.multinic.lab.e2e;

import io.multinic.contract.address.IpAddress;

/// An interface in a pod, such as `net1-0`, and its IPv4 address.
record PodNic(String name, IpAddress address) implements Comparable<PodNic> {
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
