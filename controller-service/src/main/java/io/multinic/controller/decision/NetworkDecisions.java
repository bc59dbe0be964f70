package io.multinic.controller.decision;

import io.multinic.contract.crd.MultiNicNetworkStatus;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.controller.network.NetworkReading;
import io.multinic.controller.status.AttachmentReport;
import io.multinic.controller.status.NetworkStatuses;
import io.multinic.controller.status.Planning;
import org.jspecify.annotations.Nullable;

/// Decisions in the reconciliation of a MultiNicNetwork.
public final class NetworkDecisions {
    private NetworkDecisions() {}

    /// The result of a PUT that ipam-service refused or did not answer.
    ///
    /// @param before the plan that ipam-service had before the PUT and keeps
    public static Planning putFailed(MultiNicException e, Planning.Running before) {
        return switch (e.code().kind()) {
            case CALLER, CAPACITY -> new Planning.Refused(Planning.Cause.RefusedByIpam, e.getMessage(), before);
            case TRANSIENT, INTERNAL -> new Planning.Unavailable(e.getMessage());
        };
    }

    /// The result if another request to ipam-service failed: reading the present plan, or deleting it for a network
    /// whose addresses come from another IPAM plugin.
    public static Planning requestFailed(NetworkReading reading, MultiNicException e) {
        return switch (reading) {
            case NetworkReading.Planned _ -> new Planning.Unavailable(e.getMessage());
            // The network needs no plan of ipam-service; an earlier one is deleted by a later reconciliation.
            case NetworkReading.Delegated _ ->
                e.code() == ErrorCode.IN_USE
                        ? new Planning.Refused(
                                Planning.Cause.RefusedByIpam, e.getMessage(), new Planning.Running.NotKnown())
                        : new Planning.Delegated();
            case NetworkReading.Refused refused ->
                new Planning.Refused(Planning.Cause.InvalidSpec, refused.reason(), new Planning.Running.NotKnown());
        };
    }

    /// True if the specification is in force, so that attachments follow it. If ipam-service does not answer, the
    /// status tells whether it has accepted this generation before.
    ///
    /// @param status the status that was written last
    public static boolean inForce(Planning planning, @Nullable MultiNicNetworkStatus status, long generation) {
        return switch (planning) {
            case Planning.Accepted _, Planning.Delegated _ -> true;
            case Planning.Refused _ -> false;
            case Planning.Unavailable _ -> NetworkStatuses.wasAccepted(status, generation);
        };
    }

    /// The next reconciliation. A specification that is invalid by itself is not retried: only an edit can help.
    ///
    /// @param status the status of this reconciliation
    public static NextReconciliation next(
            Planning planning, AttachmentReport attachments, MultiNicNetworkStatus status) {
        boolean failed = !attachments.problems().isEmpty()
                || switch (planning) {
                    case Planning.Unavailable _ -> true;
                    case Planning.Refused refused -> refused.cause() == Planning.Cause.RefusedByIpam;
                    case Planning.Accepted _, Planning.Delegated _ -> false;
                };
        if (failed) {
            return NextReconciliation.RETRY;
        }
        return NetworkStatuses.isSettled(status) ? NextReconciliation.RESYNC : NextReconciliation.WAIT_FOR_HOSTS;
    }

    /// The tag of the metric.
    public static String outcome(Planning planning) {
        return switch (planning) {
            case Planning.Accepted _ -> "accepted";
            case Planning.Delegated _ -> "delegated";
            case Planning.Refused _ -> "refused";
            case Planning.Unavailable _ -> "unavailable";
        };
    }
}
