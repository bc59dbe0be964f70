package io.multinic.agent.select;

import io.multinic.contract.error.ErrorCode;
import java.util.List;

/// Result of a selection: the NICs in the order of the pod's interfaces, or the reason for the refusal.
public sealed interface Selection {
    /// At least one NIC.
    record Selected(List<Nic> nics) implements Selection {
        public Selected {
            nics = List.copyOf(nics);
        }
    }

    /// A selected NIC.
    ///
    /// @param reservedMbps the bandwidth that the pod reserves on it; 0 for none
    record Nic(String name, long reservedMbps) {}

    /// @param message names the network, the value and the remedy
    record Refused(ErrorCode code, String message) implements Selection {}
}
