package io.multinic.contract.address;

/// How a subnet is divided: `[subnet prefix][interface index][host index][pod index]`.
///
/// The interface block (the original's `vlanCIDR`) is what a pod sees as on-link; the pod block (`podCIDR`) is the
/// part of it that one host hands out. `interfaceBits` and `hostBits` are the network's `interfaceBlock` and
/// `hostBlock`. Example: 192.168.0.0/16 with 2 and 8 bits puts interface 1 of host 0 at 192.168.64.0/26.
public record AddressLayout(Cidr subnet, int interfaceBits, int hostBits) {
    /// Indexes are `int`; more bits than these name no more blocks that anybody could have.
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

    /// How many interface indexes there are; saturates at `Integer.MAX_VALUE`.
    public int interfaceCount() {
        return count(interfaceBits);
    }

    /// How many host indexes there are; saturates at `Integer.MAX_VALUE`.
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

    /// The block that one host hands out on one interface index.
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
