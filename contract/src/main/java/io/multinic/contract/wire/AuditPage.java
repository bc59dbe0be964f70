package io.multinic.contract.wire;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// [Page] of the ledger, with the completeness of the ledger when it was read.
public record AuditPage(
        List<AllocationInterval> items, @Nullable String next, Completeness completeness) {
    public AuditPage {
        items = List.copyOf(items);
    }
}
