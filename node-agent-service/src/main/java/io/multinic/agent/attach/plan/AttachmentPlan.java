package io.multinic.agent.attach.plan;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpFamily;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.wire.Allocation;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// The plan of an attachment, recorded with it: sufficient to undo it without any other input.
///
/// The journal stores it as JSON, under the names of its components unless annotated otherwise.
///
/// @param driver recorded as `wiring`
public record AttachmentPlan(
        @JsonProperty("wiring") DriverConfig driver,
        List<PlannedInterface> interfaces,
        List<IpamRoute> routes,
        JsonNode dns) {
    public AttachmentPlan {
        interfaces = List.copyOf(interfaces);
        routes = List.copyOf(routes);
    }

    /// An interface before it has addresses.
    ///
    /// @param hostEnd name of the host end of a veth pair; set also where none is created
    /// @param nicNet the NIC's own network
    /// @param interfaceBlocks networks that are on-link for the pod, one for each family
    /// @param reservedMbps the bandwidth that the pod reserves on the NIC; null for none
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record PlannedInterface(
            String name,
            String nic,
            String hostEnd,
            Cidr nicNet,
            List<Cidr> interfaceBlocks,
            @Nullable Long reservedMbps) {
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

    /// The plan without default routes of these families, which belong to another interface of the pod.
    public AttachmentPlan withoutDefaultRoutes(Set<IpFamily> families) {
        var kept = routes.stream()
                .filter(route ->
                        !route.isDefault() || !families.contains(route.dst().family()))
                .toList();
        return new AttachmentPlan(driver, interfaces, kept, dns);
    }

    /// The interfaces with the addresses that were allocated to them.
    public List<PodInterface> interfaces(List<Allocation> allocations) {
        return interfaces.stream().map(planned -> planned.with(allocations)).toList();
    }
}
