package io.multinic.agent.address;

import io.multinic.contract.wire.NicBlock;
import java.util.List;

/// One interface of a pod that needs addresses: one from each block of its NIC, which is one for each family.
public record InterfaceDemand(String podInterface, List<NicBlock> blocks) {
    public InterfaceDemand {
        blocks = List.copyOf(blocks);
    }
}
