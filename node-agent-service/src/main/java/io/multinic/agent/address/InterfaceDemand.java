package io.multinic.agent.address;

import io.multinic.contract.wire.NicBlock;
import java.util.List;

/// Demand of one pod interface: an address from each block of its NIC. A NIC has one block for each address family.
public record InterfaceDemand(String podInterface, List<NicBlock> blocks) {
    public InterfaceDemand {
        blocks = List.copyOf(blocks);
    }
}
