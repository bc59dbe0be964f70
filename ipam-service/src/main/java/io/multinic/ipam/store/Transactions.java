package io.multinic.ipam.store;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/// Runs work in transactions, and retries work that failed only because of a concurrent transaction.
///
/// Work is not retried after a broken connection: if it breaks during the commit, the outcome is unknown. The caller
/// gets an error that says to retry; every operation is idempotent.
public class Transactions {
    private static final int ATTEMPTS = 8;
    /// SQLSTATEs that are retried: serialization failure and deadlock; unique and exclusion violation, which occur
    /// when two transactions decide on the same old state. The next attempt sees the other's rows. Stores report
    /// conflicts that no constraint detects by an OptimisticLockingFailureException.
    private static final Set<String> RETRYABLE_STATES = Set.of("40001", "40P01", "23505", "23P01");

    private final TransactionTemplate writing;
    private final TransactionTemplate snapshot;

    public Transactions(PlatformTransactionManager manager) {
        writing = new TransactionTemplate(manager);
        writing.setIsolationLevel(TransactionDefinition.ISOLATION_READ_COMMITTED);
        snapshot = new TransactionTemplate(manager);
        snapshot.setReadOnly(true);
        snapshot.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
    }

    /// `work` may run several times; it must change nothing but the database.
    public <T> T write(Supplier<T> work) {
        for (int attempt = 1; ; attempt++) {
            try {
                return writing.execute(status -> work.get());
            } catch (DataAccessException e) {
                if (!isRetryable(e)) {
                    throw e;
                }
                if (attempt == ATTEMPTS) {
                    throw new MultiNicException(
                            ErrorCode.TRY_AGAIN_LATER, "the database is busy with changes to the same rows", e);
                }
                pause(attempt);
            }
        }
    }

    /// Runs `work` on one snapshot of the database.
    public <T> T read(Supplier<T> work) {
        return snapshot.execute(status -> work.get());
    }

    private static boolean isRetryable(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof OptimisticLockingFailureException) {
                return true;
            }
            if (cause instanceof SQLException sql) {
                return sql.getSQLState() != null && RETRYABLE_STATES.contains(sql.getSQLState());
            }
        }
        return false;
    }

    private static void pause(int attempt) {
        try {
            Thread.sleep(ThreadLocalRandom.current().nextInt(1, 5 << attempt));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
