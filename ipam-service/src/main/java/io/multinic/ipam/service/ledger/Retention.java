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

/// Moves ended intervals to the month of their end, and drops months that are older than what is kept.
///
/// Every replica may do this at any time: each step is a transaction of its own that one replica at a time has its
/// turn for, and what a killed one has not committed is done by the next.
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

    /// @param settle how long an ended interval stays where batches write
    /// @param keep how long history is kept after its end; whole months leave, so it may be a month more
    public record Rules(Duration settle, Duration keep) {}

    /// @param moved ended intervals that went to their month
    /// @param made partitions
    /// @param dropped partitions
    /// @param conflictsForgotten resolved ones
    public record Outcome(int moved, int made, int dropped, int conflictsForgotten) {}

    /// @param intervals where ended intervals go
    /// @param others further tables whose months are made and dropped likewise
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

    /// Does all that is due now.
    public Outcome run() {
        Instant now = now();
        Instant settled = now.minus(rules.settle());
        Instant kept = now.minus(rules.keep());
        int made = makeMonths(now, settled);
        int moved = untilDone(() -> history.move(settled, CHUNK));
        metrics.moved(moved);
        int dropped = dropMonths(kept);
        int forgotten = untilDone(() -> history.forgetConflicts(kept, CHUNK));
        return new Outcome(moved, made, dropped, forgotten);
    }

    /// The earlier of two clocks: one that is set far ahead must not end what is to be kept.
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
        int made = told("made", intervals, inTurn(() -> {
            var months = new TreeSet<>(ahead);
            months.addAll(history.monthsToMove(settled));
            return intervals.ensure(months);
        }));
        for (MonthPartitions table : others) {
            made += told("made", table, inTurn(() -> table.ensure(ahead)));
        }
        return made;
    }

    private int dropMonths(Instant kept) {
        int dropped = told("dropped", intervals, inTurn(() -> intervals.dropBefore(kept)));
        for (MonthPartitions table : others) {
            dropped += told("dropped", table, inTurn(() -> table.dropBefore(kept)));
        }
        return dropped;
    }

    private int untilDone(IntSupplier chunk) {
        int all = 0;
        int done;
        do {
            done = inTurn(chunk::getAsInt).orElse(0);
            all += done;
        } while (done == CHUNK);
        return all;
    }

    private <T> Optional<T> inTurn(Supplier<T> work) {
        return transactions.write(() -> history.tryTurn() ? Optional.of(work.get()) : Optional.empty());
    }

    private int told(String what, MonthPartitions table, Optional<List<YearMonth>> months) {
        int count = months.map(List::size).orElse(0);
        metrics.months(what, count);
        if (count > 0) {
            log.atInfo()
                    .addKeyValue("table", table.table())
                    .addKeyValue(what, months.orElseThrow())
                    .log("months of the history changed");
        }
        return count;
    }
}
