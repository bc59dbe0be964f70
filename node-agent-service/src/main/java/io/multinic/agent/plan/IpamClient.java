package io.multinic.agent.plan;

import io.multinic.contract.wire.LedgerBatch;
import io.multinic.contract.wire.LedgerReceipt;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import java.time.Duration;
import java.util.Optional;

/// ipam-service as one node's agent sees it.
///
/// Each call throws [MultiNicException]: of kind [ErrorKind#TRANSIENT] if ipam-service could not be asked or could
/// not answer now, else with the code of its refusal. No call waits for ever.
public interface IpamClient {
    /// NODE_UNKNOWN until the controller has told ipam-service of the node.
    SessionGrant openSession(SessionRequest request) throws InterruptedException;

    /// The plan as soon as its revision is not `known`; empty if that takes longer than `wait`.
    Optional<NodePlan> plan(long known, Duration wait) throws InterruptedException;

    /// The epoch of the node's present session as ipam-service knows it, 0 if none.
    long epoch() throws InterruptedException;

    /// STALE_SESSION once a later session of the node was opened.
    LedgerReceipt store(LedgerBatch batch) throws InterruptedException;
}
