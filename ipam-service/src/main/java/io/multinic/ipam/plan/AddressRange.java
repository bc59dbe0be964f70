package io.multinic.ipam.plan;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import java.util.ArrayList;
import java.util.List;

/// Addresses of one family from `first` to `last`, both included.
public record AddressRange(IpAddress first, IpAddress last) {
    public AddressRange {
        if (first.family() != last.family() || first.compareTo(last) > 0) {
            throw new IllegalArgumentException(first + " to " + last + " is no range");
        }
    }

    /// The fewest blocks that hold these addresses and no others, in order.
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
}
