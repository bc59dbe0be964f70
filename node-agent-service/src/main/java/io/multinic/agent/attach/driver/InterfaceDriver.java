package io.multinic.agent.attach.driver;

import io.multinic.agent.attach.plan.AttachmentResult;
import io.multinic.agent.attach.plan.AttachmentResult.AttachedInterface;
import io.multinic.agent.attach.plan.PodInterface;
import io.multinic.contract.address.PrefixedAddress;
import java.util.List;

/// Creates, verifies and removes the interfaces of one pod, all of them together.
public interface InterfaceDriver extends InterfaceRemover {
    /// Creates the interfaces with their addresses.
    ///
    /// May leave some of them behind when it throws; the caller undoes by [#detach].
    Attached attach(OpenSandbox sandbox, List<PodInterface> interfaces);

    /// Descriptions of all differences from the state that [#attach] left; empty if there is none.
    ///
    /// @param attached the result of `attach`
    List<String> defects(OpenSandbox sandbox, List<PodInterface> interfaces, AttachmentResult attached);

    /// Result of [#attach].
    ///
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
