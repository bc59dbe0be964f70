package io.multinic.ipam.plan;

import io.multinic.contract.address.Cidr;
import java.util.List;

/// The block of one host in one subnet; `excluded` lies within `podBlock` and is sorted and disjoint.
public record PlannedBlock(Cidr interfaceBlock, Cidr podBlock, List<Cidr> excluded) {
    public PlannedBlock {
        excluded = List.copyOf(excluded);
    }
}
