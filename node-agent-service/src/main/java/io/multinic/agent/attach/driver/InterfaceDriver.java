package io.multinic.agent.attach.driver;

import io.multinic.agent.attach.plan.AttachmentResult.AttachedAddress;
import io.multinic.agent.attach.plan.AttachmentResult.AttachedInterface;
import io.multinic.agent.attach.plan.PodInterface;
import io.multinic.agent.kernel.HardwareAddress;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/// Creates and removes the interfaces of one pod, all of them together.
public interface InterfaceDriver extends InterfaceRemover {
    /// Creates the interfaces with their addresses.
    ///
    /// May leave some of them behind when it throws; the caller undoes by [#detach].
    Attached attach(OpenSandbox sandbox, List<PodInterface> interfaces);

    /// Verifies what only the driver itself can: an executed plugin's own CHECK.
    ///
    /// @throws io.multinic.contract.error.MultiNicException PLUGIN_FAILED
    default void check(OpenSandbox sandbox, List<PodInterface> interfaces) {}

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
    /// @param addresses with the position of their interface
    /// @param hostEnds links on the host that belong to them
    /// @param routes routes that the driver added by itself, as in a CNI result
    /// @param dns empty if the driver knows none
    record Attached(
            List<AttachedInterface> interfaces,
            List<AttachedAddress> addresses,
            List<AttachedInterface> hostEnds,
            List<JsonNode> routes,
            JsonNode dns) {
        public Attached {
            interfaces = List.copyOf(interfaces);
            addresses = List.copyOf(addresses);
            hostEnds = List.copyOf(hostEnds);
            routes = List.copyOf(routes);
        }

        /// The result of a driver that gave each interface the requested addresses.
        static Attached asRequested(
                List<AttachedInterface> attached, List<PodInterface> requested, List<AttachedInterface> hostEnds) {
            return new Attached(
                    attached, requestedAddresses(requested), hostEnds, List.of(), MissingNode.getInstance());
        }

        static List<AttachedAddress> requestedAddresses(List<PodInterface> requested) {
            List<AttachedAddress> addresses = new ArrayList<>();
            for (int i = 0; i < requested.size(); i++) {
                for (PrefixedAddress address : requested.get(i).addresses()) {
                    addresses.add(new AttachedAddress(i, address, null));
                }
            }
            return addresses;
        }
    }
}
