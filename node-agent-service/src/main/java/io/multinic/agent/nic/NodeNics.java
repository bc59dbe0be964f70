package io.multinic.agent.nic;

import java.util.List;
import java.util.Optional;

/// Port: the NICs of this node that networks may use.
public interface NodeNics {
    /// In the kernel's order. A NIC without carrier stays listed with `linkUp` false as long as it has an address.
    List<NodeNic> nics();

    /// Reason why no network can use a NIC, such as `is down`; empty if one of [#nics] has this name and its link
    /// exists.
    default Optional<String> obstacle(String nic) {
        return nics().stream().anyMatch(known -> known.name().equals(nic))
                ? Optional.empty()
                : Optional.of(NicDiscovery.MISSING);
    }
}
