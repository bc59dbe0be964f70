package io.multinic.ipam.ledger;

import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.Allocation;

/// Key of an address: at most one holder at a time is guaranteed for each.
public record AddressKey(String network, IpAddress address) {
    public static AddressKey of(Allocation allocation) {
        return new AddressKey(allocation.network(), allocation.address());
    }
}
