package io.multinic.ipam.service.plan;

import io.multinic.contract.error.ErrorCode;
import io.multinic.ipam.store.NetworkRecord;
import java.util.Optional;

/// Decision on a PUT of a network definition; nothing has been changed yet.
sealed interface Edit {
    /// The stored definition is the same.
    record Nothing(NetworkRecord network) implements Edit {}

    /// @param stored the stored network; empty if it does not exist yet
    record Accepted(Optional<NetworkRecord> stored, NetworkPlanning.Planned planned) implements Edit {}

    /// @param planned the plan that the definition would result in
    record Refused(ErrorCode code, String reason, NetworkPlanning.Planned planned) implements Edit {}
}
