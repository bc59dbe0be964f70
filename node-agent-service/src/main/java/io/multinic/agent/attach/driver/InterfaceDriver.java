package io.multinic.agent.attach.driver;

import io.multinic.agent.attach.plan.AttachmentResult.AttachedInterface;
import io.multinic.agent.attach.plan.PodInterface;
import io.multinic.agent.kernel.HardwareAddress;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.util.List;
import java.util.Map;

/// Creates and removes the interfaces of one pod, all of them together.
public interface InterfaceDriver extends InterfaceRemover {
    /// Creates the interfaces with their addresses.
    ///
    /// May leave some of them behind when it throws; the caller undoes by [#detach].
    Attached attach(OpenSandbox sandbox, List<PodInterface> interfaces);

    /// Creates interfaces again that were attached before, with the hardware addresses that they had.
    ///
    /// @param hardware by name of interface; an interface without an entry gets a new one
    /// @throws io.multinic.contract.error.MultiNicException if this driver cannot do so
    default void restore(OpenSandbox sandbox, List<PodInterface> interfaces, Map<String, HardwareAddress> hardware) {
        throw new MultiNicException(
                ErrorCode.ATTACHMENT_BROKEN, "interfaces of executed plugins are not created again; delete the pod");
    }

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
