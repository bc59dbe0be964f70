package io.multinic.ipam.service.ledger;

import io.multinic.ipam.metrics.IpamMetrics;
import io.multinic.ipam.store.Transactions;
import io.multinic.ipam.store.ledger.IntervalArchive;
import io.multinic.ipam.store.ledger.MonthPartitions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Retention: moves ended intervals to the partition of the month of their end, and drops months after the retention
/// time.
///
/// Each step is a transaction of its own that one replica at a time runs, so every replica may run it at any time,
/// and another one continues after a crash.
public final class Retention {
    private static final Logger log = LoggerFactory.getLogger(Retention.class);
    private static final int CHUNK = 5_000;
    private static final int MONTHS_AHEAD = 2;

    private final Transactions transactions;
    private final IntervalArchive history;
    private final MonthPartitions intervals;
    private final List<MonthPartitions> others;
    private final IpamMetrics metrics;
    private final InstantSource clock;
    private final Rules rules;

    /// @param settle how long an ended interval stays in the table that batches write
    /// @param keep how long history is kept after its end; whole months are dropped, so it may be a month longer
    public record Rules(Duration settle, Duration keep) {}

    /// @param moved ended intervals that were moved to their month
    /// @param made created partitions
    /// @param dropped dropped partitions
    /// @param conflictsForgotten deleted resolved conflicts
    public record Outcome(int moved, int made, int dropped, int conflictsForgotten) {}

    /// @param intervals partitions of ended intervals
    /// @param others partitions of other tables whose months are created and dropped as well
    public Retention(
            Transactions transactions,
            IntervalArchive history,
            MonthPartitions intervals,
            List<MonthPartitions> others,
            IpamMetrics metrics,
            InstantSource clock,
            Rules rules) {
        this.transactions = transactions;
        this.history = history;
        this.intervals = intervals;
        this.others = List.copyOf(others);
        this.metrics = metrics;
        this.clock = clock;
        this.rules = rules;
    }

    /// Runs all steps that are due.
    public Outcome run() {
        Instant now = now();
        Instant settled = now.minus(rules.settle());
        Instant kept = now.minus(rules.keep());
        int made = makeMonths(now, settled);
        int moved = untilDone(() -> history.move(settled, CHUNK));
        metrics.moved(moved);
        int dropped = dropMonths(kept);
        int forgotten = untilDone(() -> history.deleteConflicts(kept, CHUNK));
        return new Outcome(moved, made, dropped, forgotten);
    }

    /// Earlier of the two clocks: a clock that is far ahead must not drop history too early.
    private Instant now() {
        Instant own = clock.instant();
        Instant database = transactions.read(history::now);
        return own.isBefore(database) ? own : database;
    }

    private int makeMonths(Instant now, Instant settled) {
        YearMonth present = MonthPartitions.monthOf(now);
        var ahead = new ArrayList<YearMonth>();
        for (int month = 0; month <= MONTHS_AHEAD; month++) {
            ahead.add(present.plusMonths(month));
        }
        int made = logMonths("made", intervals, underLock(() -> {
            var months = new TreeSet<>(ahead);
            months.addAll(history.monthsToMove(settled));
            return intervals.ensure(months);
        }));
        for (MonthPartitions table : others) {
            made += logMonths("made", table, underLock(() -> table.ensure(ahead)));
        }
        return made;
    }

    private int dropMonths(Instant kept) {
        int dropped = logMonths("dropped", intervals, underLock(() -> intervals.dropBefore(kept)));
        for (MonthPartitions table : others) {
            dropped += logMonths("dropped", table, underLock(() -> table.dropBefore(kept)));
        }
        return dropped;
    }

    private int untilDone(IntSupplier chunk) {
        int all = 0;
        int done;
        do {
            done = underLock(chunk::getAsInt).orElse(0);
            all += done;
        } while (done == CHUNK);
        return all;
    }

    private <T> Optional<T> underLock(Supplier<T> work) {
        return transactions.write(() -> history.tryLock() ? Optional.of(work.get()) : Optional.empty());
    }

    private int logMonths(String what, MonthPartitions table, Optional<List<YearMonth>> months) {
        int count = months.map(List::size).orElse(0);
        metrics.months(what, count);
        if (count > 0) {
            log.atInfo()
                    .addKeyValue("table", table.table())
                    .addKeyValue(what, months.orElseThrow())
                    .log("history partitions changed");
        }
        return count;
    }
}
