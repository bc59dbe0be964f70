package io.multinic.agent.select;

import io.multinic.contract.error.ErrorCode;
import java.util.List;

/// Which NICs the pod gets, in the order of its interfaces, or why none.
public sealed interface Selection {
    /// At least one.
    record Selected(List<String> nics) implements Selection {
        public Selected {
            nics = List.copyOf(nics);
        }
    }

    /// @param message names the network, the value and the remedy
    record Refused(ErrorCode code, String message) implements Selection {}
}
