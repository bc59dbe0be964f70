package io.multinic.contract.address;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/// Address of an interface with the prefix length of its network, such as `10.0.1.5/24`.
public record PrefixedAddress(IpAddress address, int prefixLength) {
    public PrefixedAddress {
        if (prefixLength < 0 || prefixLength > address.family().bits()) {
            throw new IllegalArgumentException("prefix length " + prefixLength + " of " + address + " is not within 0.."
                    + address.family().bits());
        }
    }

    /// Parses `address/length`.
    ///
    /// @throws IllegalArgumentException naming the text
    @JsonCreator
    public static PrefixedAddress parse(String text) {
        int slash = text.indexOf('/');
        String length = slash < 0 ? "" : text.substring(slash + 1);
        if (!length.matches("0|[1-9]\\d{0,2}")) {
            throw new IllegalArgumentException("'" + text + "' is not of the form address/prefix-length");
        }
        return new PrefixedAddress(IpAddress.parse(text.substring(0, slash)), Integer.parseInt(length));
    }

    /// The network that the address is on.
    public Cidr network() {
        return Cidr.containing(address, prefixLength);
    }

    @JsonValue
    @Override
    public String toString() {
        return address + "/" + prefixLength;
    }
}
