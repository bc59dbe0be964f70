package io.multinic.agent.select;

import io.multinic.contract.error.ErrorCode;
import java.util.List;
import java.util.stream.IntStream;

/// Result of a selection: the NICs in the order of the pod's interfaces, or the reason for the refusal.
public sealed interface Selection {
    /// At least one NIC.
    ///
    /// @param indexes of the pod's interfaces, one for each NIC; a NIC that cannot be used leaves its index free
    /// @param size number of interfaces of the pod if all selected NICs could be used
    record Selected(List<Nic> nics, List<Integer> indexes, int size) implements Selection {
        public Selected {
            nics = List.copyOf(nics);
            indexes = List.copyOf(indexes);
        }

        /// All NICs can be used.
        public Selected(List<Nic> nics) {
            this(nics, IntStream.range(0, nics.size()).boxed().toList(), nics.size());
        }
    }

    /// A selected NIC.
    ///
    /// @param reservedMbps the bandwidth that the pod reserves on it; 0 for none
    record Nic(String name, long reservedMbps) {}

    /// @param message names the network, the value and the remedy
    record Refused(ErrorCode code, String message) implements Selection {}
}
