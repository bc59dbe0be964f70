package io.multinic.agent.attach.plan;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.wire.Allocation;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// What is recorded with an attachment beside its addresses: enough to undo it without asking anybody.
public record AttachmentPlan(
        DriverConfig wiring, List<PlannedInterface> interfaces, List<IpamRoute> routes, JsonNode dns) {
    public AttachmentPlan {
        interfaces = List.copyOf(interfaces);
        routes = List.copyOf(routes);
    }

    /// An interface before it has addresses.
    ///
    /// @param hostEnd name of the host's end of a veth pair; also set where none is made
    /// @param nicNet the NIC's own network
    /// @param interfaceBlocks what the pod sees as on-link, one for each family
    public record PlannedInterface(String name, String nic, String hostEnd, Cidr nicNet, List<Cidr> interfaceBlocks) {
        public PlannedInterface {
            interfaceBlocks = List.copyOf(interfaceBlocks);
        }

        private PodInterface with(List<Allocation> allocations) {
            var addresses = allocations.stream()
                    .filter(allocation -> allocation.podInterface().equals(name))
                    .map(Allocation::address)
                    .flatMap(address -> interfaceBlocks.stream()
                            .filter(block -> block.contains(address))
                            .map(block -> new PrefixedAddress(address, block.prefixLength())))
                    .toList();
            return new PodInterface(name, nic, hostEnd, nicNet, addresses);
        }
    }

    /// The interfaces with the addresses that were allocated to them.
    public List<PodInterface> interfaces(List<Allocation> allocations) {
        return interfaces.stream().map(planned -> planned.with(allocations)).toList();
    }
}
