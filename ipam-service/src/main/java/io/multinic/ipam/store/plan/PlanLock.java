package io.multinic.ipam.store.plan;

import java.util.function.LongSupplier;

/// Proof that the current transaction holds the plan lock. Every method that writes a table of this package takes it;
/// only [PlanTransactions#changePlan] creates one.
public final class PlanLock {
    private final LongSupplier allocation;
    private long revision;
    private boolean released;

    PlanLock(LongSupplier allocation) {
        this.allocation = allocation;
    }

    /// Revision of the change that this transaction makes. The first call allocates it, so a transaction that
    /// changes nothing uses no revision and wakes no poll.
    public long revision() {
        if (released) {
            throw new IllegalStateException("the transaction that held the plan lock has ended");
        }
        if (revision == 0) {
            revision = allocation.getAsLong();
        }
        return revision;
    }

    void release() {
        released = true;
    }
}
