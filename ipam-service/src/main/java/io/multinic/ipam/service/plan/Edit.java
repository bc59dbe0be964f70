package io.multinic.ipam.service.plan;

import io.multinic.contract.error.ErrorCode;
import io.multinic.ipam.store.NetworkRecord;
import java.util.Optional;

/// What putting a definition means: decided, and nothing changed yet.
sealed interface Edit {
    /// The network is so already.
    record Nothing(NetworkRecord network) implements Edit {}

    /// @param stored the network as it is; empty if it does not exist yet
    record Accepted(Optional<NetworkRecord> stored, NetworkPlanning.Planned planned) implements Edit {}

    /// `planned` is what would be, were it not for the reason.
    record Refused(ErrorCode code, String reason, NetworkPlanning.Planned planned) implements Edit {}
}
