package io.multinic.agent.nic;

import io.multinic.contract.crd.HostInterfaceSpec.HostNic;
import java.util.List;

/// The NICs that discovery has found on this node.
public interface NodeNics {
    /// In the kernel's order; what is down stays listed with `linkUp` false as long as it has an address.
    List<HostNic> nics();
}
