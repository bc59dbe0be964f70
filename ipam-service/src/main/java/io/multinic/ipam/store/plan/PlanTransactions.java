package io.multinic.ipam.store.plan;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.ipam.store.Transactions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.springframework.jdbc.core.simple.JdbcClient;

/// Transactions that change networks, nodes, reservations or the plan. They run one after another in the whole
/// cluster, under one lock for all networks: subnets are compared across networks, and revisions must become visible
/// in their order, or a poll could miss the lower one.
public class PlanTransactions {
    private static final long PLAN_LOCK = 0x6d756c74696e6963L;
    private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(30);

    private final ReentrantLock replicaLock = new ReentrantLock(true);
    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final LineageStore lineage;
    private final PlanNotifications notifications;
    private final PlanChangeLog changeLog;

    public PlanTransactions(
            Transactions transactions,
            JdbcClient jdbc,
            LineageStore lineage,
            PlanNotifications notifications,
            PlanChangeLog changeLog) {
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.lineage = lineage;
        this.notifications = notifications;
        this.changeLog = changeLog;
    }

    /// Runs `work` in a transaction that holds the plan lock. `work` may run several times; it must change nothing
    /// but the database.
    ///
    /// Before `work`, the database is compared with the cluster and timeline of the last change. If it differs,
    /// commits may be lost: a quarantine begins, and `work` already sees it.
    ///
    /// In each replica one change at a time waits for the database's lock, since each waits with a connection: when
    /// all nodes join at once, none would be left for polls and ledger batches.
    ///
    /// @throws MultiNicException TRY_AGAIN_LATER after 30 s of waiting for other changes of this replica
    public <T> T changePlan(Function<PlanLock, T> work) {
        if (!lockReplica()) {
            throw new MultiNicException(
                    ErrorCode.TRY_AGAIN_LATER,
                    "other changes of the plan have taken " + LOCK_TIMEOUT.toSeconds() + " s; try again later");
        }
        try {
            return transactions.write(() -> lockAndRun(work));
        } finally {
            replicaLock.unlock();
        }
    }

    private boolean lockReplica() {
        try {
            return replicaLock.tryLock(LOCK_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private <T> T lockAndRun(Function<PlanLock, T> work) {
        jdbc.sql("SELECT pg_advisory_xact_lock(?)")
                .param(PLAN_LOCK)
                .query((row, number) -> 1)
                .single();
        lineage.quarantineIfDatabaseChanged();
        var lock = new PlanLock(this::allocateRevision);
        try {
            return work.apply(lock);
        } finally {
            lock.release();
        }
    }

    /// Allocates the revision, wakes the polls of all replicas at commit, and prunes old changes now and then.
    private long allocateRevision() {
        long revision =
                jdbc.sql("SELECT nextval('plan_revision')").query(Long.class).single();
        notifications.send(Long.toString(revision));
        changeLog.prune(revision);
        return revision;
    }

    /// Runs `work` on one snapshot of the database, without the lock.
    public <T> T read(Supplier<T> work) {
        return transactions.read(work);
    }
}
