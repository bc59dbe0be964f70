package io.multinic.controller.ipam;

import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.QuarantineState;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Detects that the database of ipam-service may have lost commits, and triggers the reconciliation of all objects, so
/// that lost networks and nodes are put again.
///
/// A lost PUT causes no event in the cluster, and ipam-service waits only for nodes that it knows. Each loss begins a
/// quarantine, so this class polls the state of the quarantine. Not thread-safe.
public final class QuarantineWatch {
    private static final Logger log = LoggerFactory.getLogger(QuarantineWatch.class);

    private final IpamClient ipam;
    private final List<Runnable> reconcileAll;
    private @Nullable Quarantine last;

    private record Quarantine(int generation, @Nullable Instant since) {
        static Quarantine of(QuarantineState state) {
            return new Quarantine(state.generation(), state.since());
        }
    }

    /// @param reconcileAll each triggers the reconciliation of all objects of one kind
    public QuarantineWatch(IpamClient ipam, List<Runnable> reconcileAll) {
        this.ipam = ipam;
        this.reconcileAll = List.copyOf(reconcileAll);
    }

    /// Checks once. The first check only records the state, since everything is reconciled at the start.
    ///
    /// @return true if a quarantine started after the last check that was answered
    public boolean check() {
        QuarantineState state;
        try {
            state = ipam.quarantine();
        } catch (MultiNicException e) {
            log.debug("quarantine state not read, retrying", e);
            return false;
        }
        Quarantine before = last;
        Quarantine now = Quarantine.of(state);
        if (before == null || before.equals(now)) {
            last = now;
            return false;
        }
        log.atWarn()
                .addKeyValue("reason", state.reason())
                .log("ipam-service may have lost commits, putting all networks and nodes again");
        reconcileAll.forEach(Runnable::run);
        last = now; // after a failure the next check triggers everything again
        return true;
    }
}
