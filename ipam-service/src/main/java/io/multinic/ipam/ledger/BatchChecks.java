package io.multinic.ipam.ledger;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.LedgerBatch;
import io.multinic.contract.wire.LedgerEvent;
import java.util.List;

/// Checks of a batch that need no stored state. One invalid event rejects the whole batch; the error names its index.
public final class BatchChecks {
    public static final int MAX_EVENTS = 10_000;

    /// Largest integer that every JSON parser reads exactly.
    public static final long MAX_SEQUENCE = 9_007_199_254_740_991L;

    private BatchChecks() {}

    /// @throws MultiNicException INVALID_REQUEST
    public static void require(LedgerBatch batch) {
        List<LedgerEvent> events = batch.events();
        if (events.size() > MAX_EVENTS) {
            throw invalid(events.size() + " events in one batch; send at most " + MAX_EVENTS);
        }
        Long planRevision = batch.planRevision();
        if (planRevision != null && planRevision < 0) {
            throw invalid("planRevision is " + planRevision + "; revisions begin at 0");
        }
        for (int i = 0; i < events.size(); i++) {
            LedgerEvent event = events.get(i);
            long expected = events.getFirst().sequence() + i;
            if (event.sequence() < 1 || event.sequence() > MAX_SEQUENCE) {
                throw invalid(
                        "events[" + i + "].sequence is " + event.sequence() + "; sequences are 1 to " + MAX_SEQUENCE);
            }
            if (event.sequence() != expected) {
                throw invalid("events[" + i + "].sequence is " + event.sequence() + ", but " + expected
                        + " comes here; send events in the order of the journal and without gaps");
            }
            require(event.allocation(), "events[" + i + "].allocation");
        }
    }

    /// @throws MultiNicException INVALID_REQUEST naming the field
    public static void require(Allocation allocation, String field) {
        allocation.fault().ifPresent(fault -> {
            throw invalid(field + "." + fault);
        });
    }

    private static MultiNicException invalid(String message) {
        return new MultiNicException(ErrorCode.INVALID_REQUEST, message);
    }
}
