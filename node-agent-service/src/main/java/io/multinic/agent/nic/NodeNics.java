package io.multinic.agent.nic;

import java.util.List;

/// Port: the NICs of this node that networks may use.
public interface NodeNics {
    /// In the kernel's order. A NIC without carrier stays listed with `linkUp` false as long as it has an address.
    List<NodeNic> nics();
}
