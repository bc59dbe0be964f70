package io.multinic.contract.wire;

import io.multinic.contract.address.Cidr;

/// Block of a node in the last plan that it received; `number` is the network's.
///
/// It contains the indexes, so that a database that has lost them can restore them.
public record StatedBlock(
        String network,
        int number,
        String nic,
        Cidr masterNet,
        int interfaceIndex,
        int hostIndex,
        Cidr interfaceBlock,
        Cidr podBlock) {
    /// @throws IllegalArgumentException naming the block
    public StatedBlock {
        if (number < 0 || interfaceIndex < 0 || hostIndex < 0) {
            throw new IllegalArgumentException("block " + podBlock + " of network " + network
                    + " has a negative number or index; state it as the plan gave it");
        }
        if (!interfaceBlock.contains(podBlock)) {
            throw new IllegalArgumentException("block " + podBlock + " of network " + network + " is not inside "
                    + interfaceBlock + "; state it as the plan gave it");
        }
    }

    public static StatedBlock of(NetworkPlan network, NicBlock block) {
        return new StatedBlock(
                network.network().name(),
                network.number(),
                block.nic(),
                block.masterNet(),
                block.interfaceIndex(),
                block.hostIndex(),
                block.interfaceBlock(),
                block.podBlock());
    }
}
