package io.multinic.controller.status;

import io.multinic.contract.wire.NetworkState;
import java.util.Optional;

/// Result of planning a network's specification at ipam-service.
public sealed interface Planning {
    /// ipam-service has planned exactly this specification.
    record Accepted(NetworkState state) implements Planning {}

    /// ipam-service does not plan this network: its addresses come from another IPAM plugin.
    record Delegated() implements Planning {}

    /// The specification cannot be used.
    ///
    /// @param running plan of an earlier specification, which stays in force
    record Refused(Cause cause, String reason, Running running) implements Planning {}

    /// ipam-service did not answer, so the state of its plan is not known.
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

    /// The part that refused the specification; its name is the reason of the condition.
    enum Cause {
        InvalidSpec,
        RefusedByIpam
    }
}
