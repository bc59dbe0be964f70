package io.multinic.contract.address;

/// Division of a subnet: `[subnet prefix][interface index][host index][pod index]`.
///
/// The interface block (the original's `vlanCIDR`) is on-link for a pod; the pod block (`podCIDR`) is the part of it
/// from which one host assigns addresses. `interfaceBits` and `hostBits` are the network's `interfaceBlock` and
/// `hostBlock`. Example: 192.168.0.0/16 with 2 and 8 bits puts interface 1 of host 0 at 192.168.64.0/26.
public record AddressLayout(Cidr subnet, int interfaceBits, int hostBits) {
    /// Largest number of bits of an index, which is an `int`.
    private static final int MAX_INDEX_BITS = 31;

    public AddressLayout {
        if (interfaceBits < 0 || hostBits < 0) {
            throw new IllegalArgumentException(
                    "interfaceBlock " + interfaceBits + " and hostBlock " + hostBits + " must not be negative");
        }
        int width = subnet.family().bits();
        if ((long) subnet.prefixLength() + interfaceBits + hostBits > width) {
            throw new IllegalArgumentException("subnet " + subnet + " with interfaceBlock " + interfaceBits
                    + " and hostBlock " + hostBits + " needs "
                    + ((long) subnet.prefixLength() + interfaceBits + hostBits)
                    + " bits, but an " + (width == 32 ? "IPv4" : "IPv6") + " address has " + width
                    + "; use a larger subnet or smaller blocks");
        }
    }

    /// The number of interface indexes; saturates at `Integer.MAX_VALUE`.
    public int interfaceCount() {
        return count(interfaceBits);
    }

    /// The number of host indexes; saturates at `Integer.MAX_VALUE`.
    public int hostCount() {
        return count(hostBits);
    }

    private static int count(int bits) {
        return bits >= MAX_INDEX_BITS ? Integer.MAX_VALUE : 1 << bits;
    }

    /// The block of all pods on one interface index, over all hosts.
    public Cidr interfaceBlock(int interfaceIndex) {
        requireIndex("interface", interfaceIndex, interfaceCount());
        int length = subnet.prefixLength() + interfaceBits;
        return new Cidr(subnet.network().plus(interfaceIndex, subnet.family().bits() - length), length);
    }

    /// The block from which one host assigns addresses on one interface index.
    public Cidr podBlock(int interfaceIndex, int hostIndex) {
        requireIndex("host", hostIndex, hostCount());
        var block = interfaceBlock(interfaceIndex);
        int length = block.prefixLength() + hostBits;
        return new Cidr(block.network().plus(hostIndex, subnet.family().bits() - length), length);
    }

    private static void requireIndex(String what, int index, int count) {
        if (index < 0 || index >= count) {
            throw new IllegalArgumentException(what + " index " + index + " is not within 0.." + (count - 1));
        }
    }
}
