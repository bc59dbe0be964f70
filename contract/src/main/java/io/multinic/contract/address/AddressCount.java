package io.multinic.contract.address;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.math.BigInteger;
import java.util.regex.Pattern;

/// Number of addresses, exact for IPv6 too. On the wire it is a string of decimal digits, because some JSON parsers,
/// such as JavaScript's, round numbers above 2^53.
public record AddressCount(BigInteger value) implements Comparable<AddressCount> {
    public static final AddressCount ZERO = of(0);
    /// Upper bound: twice the number of IPv6 addresses, which no valid sum exceeds.
    private static final int MAX_DIGITS = 40;

    private static final Pattern DIGITS = Pattern.compile("0|[1-9][0-9]{0," + (MAX_DIGITS - 1) + "}");

    public AddressCount {
        if (value.signum() < 0) {
            throw new IllegalArgumentException("there cannot be " + value + " addresses");
        }
    }

    public static AddressCount of(long count) {
        return new AddressCount(BigInteger.valueOf(count));
    }

    /// The number of addresses of the block.
    public static AddressCount in(Cidr block) {
        return new AddressCount(BigInteger.ONE.shiftLeft(block.hostBits()));
    }

    public static AddressCount in(AddressRange range) {
        var first = new BigInteger(1, range.first().bytes());
        var last = new BigInteger(1, range.last().bytes());
        return new AddressCount(last.subtract(first).add(BigInteger.ONE));
    }

    /// @throws IllegalArgumentException naming the text
    @JsonCreator
    public static AddressCount parse(String text) {
        if (!DIGITS.matcher(text).matches()) {
            throw new IllegalArgumentException("'" + text + "' is not a number of addresses");
        }
        return new AddressCount(new BigInteger(text));
    }

    public AddressCount plus(AddressCount other) {
        return new AddressCount(value.add(other.value));
    }

    /// @throws IllegalArgumentException below zero
    public AddressCount minus(AddressCount other) {
        return new AddressCount(value.subtract(other.value));
    }

    @Override
    public int compareTo(AddressCount other) {
        return value.compareTo(other.value);
    }

    @JsonValue
    @Override
    public String toString() {
        return value.toString();
    }
}
