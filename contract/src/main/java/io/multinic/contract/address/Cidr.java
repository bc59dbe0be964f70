package io.multinic.contract.address;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;

/// An aligned block of addresses: a network address and the length of its prefix.
///
/// Ordered by first address, then larger block first.
public record Cidr(IpAddress network, int prefixLength) implements Comparable<Cidr> {
    public Cidr {
        if (prefixLength < 0 || prefixLength > network.family().bits()) {
            throw new IllegalArgumentException("prefix length " + prefixLength + " of " + network + " is not within 0.."
                    + network.family().bits());
        }
        if (!network.masked(prefixLength).equals(network)) {
            throw new IllegalArgumentException(network + "/" + prefixLength + " has host bits set; the network is "
                    + network.masked(prefixLength) + "/" + prefixLength);
        }
    }

    /// Parses `address/length` in the form of the wire, without host bits.
    ///
    /// @throws IllegalArgumentException naming the text and, for host bits, the network that was probably meant
    @JsonCreator
    public static Cidr parse(String text) {
        var parsed = PrefixedAddress.parse(text);
        return new Cidr(parsed.address(), parsed.prefixLength());
    }

    /// Parses `address/length` in the form that users write: host bits are dropped, like Go's `net.ParseCIDR`.
    public static Cidr parseLenient(String text) {
        return PrefixedAddress.parse(text).network();
    }

    /// The block of this prefix length that contains `address`.
    public static Cidr containing(IpAddress address, int prefixLength) {
        return new Cidr(address.masked(prefixLength), prefixLength);
    }

    public IpFamily family() {
        return network.family();
    }

    /// The number of bits of an address that vary inside the block.
    public int hostBits() {
        return family().bits() - prefixLength;
    }

    /// The number of addresses, at most `Long.MAX_VALUE` (larger blocks saturate).
    public long size() {
        return hostBits() >= 63 ? Long.MAX_VALUE : 1L << hostBits();
    }

    public IpAddress first() {
        return network;
    }

    public IpAddress last() {
        int bits = hostBits();
        long low = bits >= 64 ? -1L : network.low() | ((1L << bits) - 1);
        long high = bits <= 64 ? network.high() : bits == 128 ? -1L : network.high() | ((1L << (bits - 64)) - 1);
        return new IpAddress(family(), high, low);
    }

    /// The addresses that no host can have if this block is one link: the first one (the network's own; for
    /// IPv6 the subnet-router anycast address), and for IPv4 the last one (broadcast). Point-to-point blocks,
    /// those of the last two prefix lengths, have none (RFC 3021, RFC 6164).
    public List<IpAddress> specialAddresses() {
        if (hostBits() < 2) {
            return List.of();
        }
        return family() == IpFamily.IPV4 ? List.of(first(), last()) : List.of(first());
    }

    public boolean contains(IpAddress address) {
        return address.family() == family() && address.masked(prefixLength).equals(network);
    }

    public boolean contains(Cidr other) {
        return other.prefixLength >= prefixLength && contains(other.network);
    }

    public boolean overlaps(Cidr other) {
        return contains(other.network) || other.contains(network);
    }

    @Override
    public int compareTo(Cidr other) {
        int byNetwork = network.compareTo(other.network);
        return byNetwork != 0 ? byNetwork : Integer.compare(prefixLength, other.prefixLength);
    }

    @JsonValue
    @Override
    public String toString() {
        return network + "/" + prefixLength;
    }
}
