package io.multinic.ipam.plan;

import io.multinic.contract.address.AddressCount;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import java.util.List;

/// Block of one host in one subnet. `excluded` lies within `podBlock` and is sorted and disjoint.
public record PlannedBlock(Cidr interfaceBlock, Cidr podBlock, List<Cidr> excluded) {
    public PlannedBlock {
        excluded = List.copyOf(excluded);
    }

    /// Number of addresses for pods: all but the excluded ones and the special addresses of the interface block.
    public AddressCount capacity() {
        AddressCount capacity = AddressCount.in(podBlock);
        for (Cidr part : excluded) {
            capacity = capacity.minus(AddressCount.in(part));
        }
        for (IpAddress special : interfaceBlock.specialAddresses()) {
            if (podBlock.contains(special) && excluded.stream().noneMatch(part -> part.contains(special))) {
                capacity = capacity.minus(AddressCount.of(1));
            }
        }
        return capacity;
    }
}
