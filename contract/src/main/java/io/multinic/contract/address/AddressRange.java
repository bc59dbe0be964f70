package io.multinic.contract.address;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.ArrayList;
import java.util.List;

/// All addresses from `first` to `last`, both included; of one family.
public record AddressRange(IpAddress first, IpAddress last) {
    public AddressRange {
        if (first.family() != last.family()) {
            throw new IllegalArgumentException("'" + first + "-" + last + "' is a range of two families");
        }
        if (first.compareTo(last) > 0) {
            throw new IllegalArgumentException(
                    "'" + first + "-" + last + "' ends before it begins; give the lower address first");
        }
    }

    /// Parses an address, a block such as `10.0.0.0/30`, or two addresses such as `10.0.0.4-10.0.0.9`.
    ///
    /// @throws IllegalArgumentException naming the text
    @JsonCreator
    public static AddressRange parse(String text) {
        if (text.indexOf('/') >= 0) {
            return of(Cidr.parse(text));
        }
        int dash = text.indexOf('-');
        IpAddress first =
                IpAddress.parse(dash < 0 ? text : text.substring(0, dash).strip());
        return new AddressRange(
                first,
                dash < 0 ? first : IpAddress.parse(text.substring(dash + 1).strip()));
    }

    public static AddressRange of(Cidr block) {
        return new AddressRange(block.first(), block.last());
    }

    public boolean contains(IpAddress address) {
        return first.compareTo(address) <= 0 && address.compareTo(last) <= 0;
    }

    /// The number of addresses, at most `Long.MAX_VALUE` (larger ranges saturate).
    public long size() {
        long distance = last.minus(first);
        return distance == Long.MAX_VALUE ? distance : distance + 1;
    }

    /// The smallest list of blocks that contain exactly these addresses, in order.
    public List<Cidr> blocks() {
        var blocks = new ArrayList<Cidr>();
        Cidr block = largestAt(first);
        blocks.add(block);
        while (!block.last().equals(last)) {
            block = largestAt(block.last().plus(1));
            blocks.add(block);
        }
        return blocks;
    }

    private Cidr largestAt(IpAddress start) {
        var block = new Cidr(start, start.family().bits());
        while (block.prefixLength() > 0) {
            Cidr wider = Cidr.containing(start, block.prefixLength() - 1);
            if (!wider.first().equals(start) || wider.last().compareTo(last) > 0) {
                break;
            }
            block = wider;
        }
        return block;
    }

    /// The address if there is only one, else `first-last`.
    @JsonValue
    @Override
    public String toString() {
        return first.equals(last) ? first.toString() : first + "-" + last;
    }
}
