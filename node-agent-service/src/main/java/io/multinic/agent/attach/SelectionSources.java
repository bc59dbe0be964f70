package io.multinic.agent.attach;

import io.multinic.agent.nic.NodeNic;
import io.multinic.agent.select.DeviceClasses;
import io.multinic.agent.select.Topology;
import java.util.List;

/// Sources of facts that only some policies of selection need.
public interface SelectionSources {
    DeviceClasses deviceClasses();

    /// The places of a pod's GPUs and of NICs in the PCI tree.
    ///
    /// @throws io.multinic.contract.error.MultiNicException TRY_AGAIN_LATER if they cannot be read
    Topology topology(String podUid, List<NodeNic> nics);
}
