package io.multinic.agent.address;

import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.NicBlock;
import io.multinic.contract.wire.PodRef;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// Request of an attachment for addresses. A request without interfaces is granted no addresses.
///
/// @param pod that will hold the addresses
/// @param interfaces in the order of the pod's interfaces
/// @param wanted addresses that the user named; each must be in a block of one of the interfaces
/// @param restingTime time before a freed address is assigned to a pod that did not name it
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
