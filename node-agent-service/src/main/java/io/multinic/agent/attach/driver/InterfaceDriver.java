package io.multinic.agent.attach.driver;

import io.multinic.agent.attach.plan.AttachmentResult;
import io.multinic.agent.attach.plan.AttachmentResult.AttachedInterface;
import io.multinic.agent.attach.plan.PodInterface;
import io.multinic.contract.address.PrefixedAddress;
import java.util.List;
import java.util.Optional;

/// Makes and removes the interfaces of one pod, all of them together.
public interface InterfaceDriver {
    /// Makes the interfaces with their addresses.
    ///
    /// May leave some of them behind when it throws; the caller undoes by [#detach].
    Attached attach(OpenSandbox sandbox, List<PodInterface> interfaces);

    /// Removes what is there of the interfaces; what is gone already is no error.
    ///
    /// @param sandbox empty if the pod's namespace is gone
    void detach(Optional<OpenSandbox> sandbox, List<PodInterface> interfaces);

    /// What is other than [#attach] left it, in words; empty if nothing is.
    ///
    /// @param attached what `attach` answered
    List<String> defects(OpenSandbox sandbox, List<PodInterface> interfaces, AttachmentResult attached);

    /// @param interfaces in the order of the request
    /// @param addresses of each of them, in the same order
    /// @param hostEnds links on the host that belong to them
    record Attached(
            List<AttachedInterface> interfaces,
            List<List<PrefixedAddress>> addresses,
            List<AttachedInterface> hostEnds) {
        public Attached {
            interfaces = List.copyOf(interfaces);
            addresses = List.copyOf(addresses);
            hostEnds = List.copyOf(hostEnds);
        }
    }
}
