package io.multinic.agent.garbage;

import io.multinic.contract.address.IpAddress;
import java.util.Map;

/// Port to the addresses in the network namespaces of this node.
@FunctionalInterface
public interface AddressHolders {
    /// The addresses of all network namespaces, each with the name of a namespace that has it.
    ///
    /// Throws if one of the namespaces cannot be read: a failure is not an answer.
    Map<IpAddress, String> holders();
}
