package io.multinic.contract.wire;

import java.util.List;

/// Events in the order of their sequence: `POST /api/v1/nodes/{node}/ledger`. Sending a batch again does nothing.
public record LedgerBatch(String nodeUid, long epoch, List<LedgerEvent> events) {
    public LedgerBatch {
        events = List.copyOf(events);
    }
}
