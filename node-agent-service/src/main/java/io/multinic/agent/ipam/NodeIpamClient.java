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

/// Client of ipam-service for one node.
///
/// Each call throws [MultiNicException]: of kind [io.multinic.contract.error.ErrorKind#TRANSIENT] if ipam-service could
/// not be reached or could not answer now, otherwise with the code of its answer. Every call has a time limit.
public interface NodeIpamClient {
    /// A request for a session that was sent and not answered: ipam-service may have opened the session, or may still
    /// open it.
    final class NoAnswerException extends MultiNicException {
        private static final long serialVersionUID = 1L;

        public NoAnswerException(String message, Throwable cause) {
            super(ErrorCode.TRY_AGAIN_LATER, message, cause);
        }
    }

    /// Opens a session. NODE_UNKNOWN until the controller has put the node to ipam-service.
    ///
    /// @throws NoAnswerException if the session may have been opened nevertheless
    SessionGrant openSession(SessionRequest request) throws InterruptedException;

    /// Waits for a change of the plan since revision `known`; empty if there is none within `wait`.
    ///
    /// @param known 0 for a node without a plan
    /// @param history that came with the revision; empty if it is not known: then the whole plan is returned
    Optional<PlanUpdate> plan(long known, String history, Duration wait) throws InterruptedException;

    /// The epoch of the node's last session at ipam-service, 0 if it has none.
    long epoch() throws InterruptedException;

    /// Stores a batch of events. STALE_SESSION once a later session of the node was opened.
    LedgerReceipt store(LedgerBatch batch) throws InterruptedException;
}
