package io.multinic.contract.wire;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A [Page] of the ledger, and how complete the ledger was when it was read.
public record AuditPage(
        List<AllocationInterval> items, @Nullable String next, Completeness completeness) {
    public AuditPage {
        items = List.copyOf(items);
    }
}
