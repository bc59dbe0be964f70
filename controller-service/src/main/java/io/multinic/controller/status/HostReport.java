package io.multinic.controller.status;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.crd.HostInterfaceStatus;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Content of a HostInterface: the NICs that its agent found, and what the agent observed last in the kernel.
public record HostReport(
        String node, List<HostNic> nics, @Nullable HostInterfaceStatus status) {
    public HostReport {
        nics = List.copyOf(nics);
    }

    /// A NIC and the networks that its addresses are on.
    public record HostNic(String name, List<Cidr> networks) {
        public HostNic {
            networks = List.copyOf(networks);
        }
    }

    /// The agent's observation of one network; empty before it has reported the network.
    Optional<HostInterfaceStatus.NetworkObservation> observation(String network) {
        return status == null
                ? Optional.empty()
                : status.networks().stream()
                        .filter(seen -> network.equals(seen.name()))
                        .findFirst();
    }
}
