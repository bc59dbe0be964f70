package io.multinic.agent.attach.driver;

import io.multinic.agent.attach.plan.PodInterface;
import java.util.List;
import java.util.Optional;

/// Removes the interfaces of one pod.
public interface InterfaceRemover {
    /// Removes those of the interfaces that exist; a missing interface is not an error.
    ///
    /// @param sandbox empty if the pod's namespace is gone
    void detach(Optional<OpenSandbox> sandbox, List<PodInterface> interfaces);
}
