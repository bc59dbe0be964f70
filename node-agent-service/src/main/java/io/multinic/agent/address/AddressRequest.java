package io.multinic.agent.address;

import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.NicBlock;
import io.multinic.contract.wire.PodRef;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// What an attachment asks of the allocator; without interfaces it asks for nothing, and gets it.
///
/// @param pod for whom
/// @param interfaces in the order of the pod's interfaces
/// @param wanted addresses that the user named; each must lie in a block of one of the interfaces
/// @param restingTime how long a freed address is given to nobody who did not name it
public record AddressRequest(
        String network,
        PodRef pod,
        List<InterfaceDemand> interfaces,
        List<IpAddress> wanted,
        Instant now,
        Duration restingTime) {
    public AddressRequest {
        interfaces = List.copyOf(interfaces);
        wanted = List.copyOf(wanted);
    }

    public List<NicBlock> blocks() {
        return interfaces.stream().flatMap(demand -> demand.blocks().stream()).toList();
    }
}
