package io.multinic.contract.address;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.regex.Pattern;

/// One IPv4 or IPv6 address as a 128-bit unsigned number; an IPv4 address fills the lowest 32 bits.
///
/// Ordered by family, then by value. Text is dotted quad or RFC 5952. An IPv4-mapped IPv6 address stays IPv6.
public record IpAddress(IpFamily family, long high, long low) implements Comparable<IpAddress> {
    private static final long MAX_IPV4 = 0xFFFF_FFFFL;
    private static final Pattern DOTTED_QUAD =
            Pattern.compile("(0|[1-9]\\d{0,2})\\.(0|[1-9]\\d{0,2})\\.(0|[1-9]\\d{0,2})\\.(0|[1-9]\\d{0,2})");
    private static final Pattern IPV6_ALPHABET = Pattern.compile("[0-9a-fA-F:]*:[0-9a-fA-F:.]*");

    public IpAddress {
        if (family == IpFamily.IPV4 && (high != 0 || low < 0 || low > MAX_IPV4)) {
            throw new IllegalArgumentException("an IPv4 address has 32 bits");
        }
    }

    /// The IPv4 address with this value, 0 to 2^32 - 1.
    public static IpAddress ipv4(long value) {
        return new IpAddress(IpFamily.IPV4, 0, value);
    }

    /// Creates an address from 4 or 16 bytes in network order.
    public static IpAddress of(byte[] bytes) {
        return switch (bytes.length) {
            case 4 -> ipv4(ByteBuffer.wrap(bytes).getInt() & MAX_IPV4);
            case 16 -> {
                var buffer = ByteBuffer.wrap(bytes);
                yield new IpAddress(IpFamily.IPV6, buffer.getLong(), buffer.getLong());
            }
            default -> throw new IllegalArgumentException("an address has 4 or 16 bytes, not " + bytes.length);
        };
    }

    /// Parses an address; host names, zones, leading zeros and shortened quads are refused.
    ///
    /// @throws IllegalArgumentException naming the text
    @JsonCreator
    public static IpAddress parse(String text) {
        var quad = DOTTED_QUAD.matcher(text);
        if (quad.matches()) {
            long value = 0;
            for (int part = 1; part <= 4; part++) {
                int octet = Integer.parseInt(quad.group(part));
                if (octet > 255) {
                    throw notAnAddress(text);
                }
                value = value << 8 | octet;
            }
            return ipv4(value);
        }
        if (!IPV6_ALPHABET.matcher(text).matches()) {
            throw notAnAddress(text);
        }
        return parseIpv6(text);
    }

    /// A literal with a colon never reaches a resolver: `InetAddress` parses it or refuses it. It
    /// converts IPv4-mapped literals to IPv4; here they stay IPv6.
    private static IpAddress parseIpv6(String text) {
        try {
            byte[] bytes = InetAddress.getByName(text).getAddress();
            if (bytes.length == 16) {
                return of(bytes);
            }
            return new IpAddress(IpFamily.IPV6, 0, 0xFFFF_0000_0000L | of(bytes).low());
        } catch (UnknownHostException e) {
            throw notAnAddress(text);
        }
    }

    private static IllegalArgumentException notAnAddress(String text) {
        return new IllegalArgumentException("'" + text + "' is not an IP address");
    }

    /// The 4 or 16 bytes in network order.
    public byte[] bytes() {
        return family == IpFamily.IPV4
                ? ByteBuffer.allocate(4).putInt((int) low).array()
                : ByteBuffer.allocate(16).putLong(high).putLong(low).array();
    }

    /// This address plus `index << shift`.
    ///
    /// @throws ArithmeticException past the end of the family
    public IpAddress plus(long index, int shift) {
        if (index < 0 || shift < 0 || shift > family.bits()) {
            throw new IllegalArgumentException("index " + index + ", shift " + shift);
        }
        if (index == 0) {
            return this;
        }
        if (64 - Long.numberOfLeadingZeros(index) + shift > family.bits()) {
            throw pastTheEnd();
        }
        long addLow = shift >= 64 ? 0 : index << shift;
        long addHigh = shift >= 64 ? index << (shift - 64) : shift == 0 ? 0 : index >>> (64 - shift);
        long newLow = low + addLow;
        long carry = Long.compareUnsigned(newLow, low) < 0 ? 1 : 0;
        long newHigh = high + addHigh + carry;
        boolean overflow = family == IpFamily.IPV4
                ? newLow > MAX_IPV4
                : Long.compareUnsigned(newHigh, high) < 0 || (newHigh == high && addHigh + carry != 0);
        if (overflow) {
            throw pastTheEnd();
        }
        return new IpAddress(family, newHigh, newLow);
    }

    private ArithmeticException pastTheEnd() {
        return new ArithmeticException("past the end of " + family + " after " + this);
    }

    /// This address plus `count`.
    public IpAddress plus(long count) {
        return plus(count, 0);
    }

    /// This address minus `base`, at most `Long.MAX_VALUE` (larger distances saturate).
    ///
    /// @throws IllegalArgumentException if `base` is of the other family or above this address
    public long minus(IpAddress base) {
        if (family != base.family || compareTo(base) < 0) {
            throw new IllegalArgumentException(base + " is not at or below " + this);
        }
        long borrow = Long.compareUnsigned(low, base.low) < 0 ? 1 : 0;
        long differenceHigh = high - base.high - borrow;
        long differenceLow = low - base.low;
        return differenceHigh != 0 || differenceLow < 0 ? Long.MAX_VALUE : differenceLow;
    }

    /// This address with all but its first `prefixLength` bits set to zero.
    public IpAddress masked(int prefixLength) {
        int hostBits = family.bits() - prefixLength;
        if (prefixLength < 0 || hostBits < 0) {
            throw new IllegalArgumentException("prefix length " + prefixLength + " of " + family);
        }
        long maskLow = hostBits >= 64 ? 0 : -1L << hostBits;
        long maskHigh = hostBits <= 64 ? -1L : hostBits >= 128 ? 0 : -1L << (hostBits - 64);
        return new IpAddress(family, high & maskHigh, low & maskLow);
    }

    @Override
    public int compareTo(IpAddress other) {
        int byFamily = family.compareTo(other.family);
        int byHigh = byFamily != 0 ? byFamily : Long.compareUnsigned(high, other.high);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
    }

    @JsonValue
    @Override
    public String toString() {
        return family == IpFamily.IPV4
                ? (low >>> 24) + "." + (low >>> 16 & 255) + "." + (low >>> 8 & 255) + "." + (low & 255)
                : Rfc5952.format(high, low);
    }
}
