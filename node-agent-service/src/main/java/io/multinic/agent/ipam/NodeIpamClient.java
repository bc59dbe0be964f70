package io.multinic.agent.ipam;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.LedgerBatch;
import io.multinic.contract.wire.LedgerReceipt;
import io.multinic.contract.wire.PlanUpdate;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import java.time.Duration;
import java.util.Optional;

/// ipam-service as one node's agent sees it.
///
/// Each call throws [MultiNicException]: of kind [ErrorKind#TRANSIENT] if ipam-service could not be asked or could
/// not answer now, else with the code of its refusal. No call waits for ever.
public interface NodeIpamClient {
    /// The request went out and nobody waits for its answer any more: it may have been done, and may still be.
    final class NoAnswerException extends MultiNicException {
        private static final long serialVersionUID = 1L;

        NoAnswerException(String message, Throwable cause) {
            super(ErrorCode.TRY_AGAIN_LATER, message, cause);
        }
    }

    /// NODE_UNKNOWN until the controller has told ipam-service of the node.
    SessionGrant openSession(SessionRequest request) throws InterruptedException;

    /// What has become of the plan of revision `known`, as soon as something has; empty if that takes longer than
    /// `wait`.
    ///
    /// @param known 0 for a node that knows no plan
    /// @param history that came with the revision; empty if it is not known any more: then the whole plan comes
    Optional<PlanUpdate> plan(long known, String history, Duration wait) throws InterruptedException;

    /// The epoch of the node's present session as ipam-service knows it, 0 if none.
    long epoch() throws InterruptedException;

    /// STALE_SESSION once a later session of the node was opened.
    LedgerReceipt store(LedgerBatch batch) throws InterruptedException;
}
