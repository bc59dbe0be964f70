package io.multinic.contract.wire;

import io.multinic.contract.address.Cidr;
import java.util.List;

/// The addresses that this node hands out on one of its NICs, one block for each family.
///
/// `masterNet` is the NIC's network; `interfaceBlock` is what a pod sees as on-link; of `podBlock` the addresses in
/// `excluded` are never handed out.
public record NicBlock(
        String nic,
        Cidr masterNet,
        int interfaceIndex,
        int hostIndex,
        Cidr interfaceBlock,
        Cidr podBlock,
        List<Cidr> excluded) {
    public NicBlock {
        excluded = List.copyOf(excluded);
    }
}
