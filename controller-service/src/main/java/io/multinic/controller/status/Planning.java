package io.multinic.controller.status;

import io.multinic.contract.wire.NetworkState;
import java.util.Optional;

/// What became of a network's specification when it was put to ipam-service.
public sealed interface Planning {
    /// ipam-service has planned exactly this specification.
    record Accepted(NetworkState state) implements Planning {}

    /// ipam-service has no part in the network.
    record Delegated() implements Planning {}

    /// The specification cannot be used. `running` is the plan of an earlier one, which goes on.
    record Refused(Cause cause, String reason, Running running) implements Planning {}

    /// ipam-service could not be asked, so nothing is known.
    record Unavailable(String reason) implements Planning {}

    /// The plan that ipam-service keeps for a network whose present specification is refused.
    sealed interface Running {
        record Earlier(NetworkState state) implements Running {}

        record Nothing() implements Running {}

        record NotKnown() implements Running {}

        static Running of(Optional<NetworkState> state) {
            return state.<Running>map(Earlier::new).orElseGet(Nothing::new);
        }
    }

    /// Who refused; the name is the reason of the condition.
    enum Cause {
        InvalidSpec,
        RefusedByIpam
    }
}
