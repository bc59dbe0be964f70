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

/// Runs work in a transaction. What failed only because another transaction came between is run again as a whole.
///
/// A connection that breaks is never a reason to run again: where it breaks in the commit, nobody knows whether that
/// was done. The caller hears to try later; every operation is one that may be asked for twice.
public class Transactions {
    private static final int ATTEMPTS = 8;
    /// Serialization failure, deadlock; and the two that two honest transactions at once can run into, because each
    /// decided on what it saw: unique and exclusion violation. The next run sees the other's rows and decides anew.
    /// What no constraint notices a store may: by an OptimisticLockingFailureException.
    private static final Set<String> WORTH_ANOTHER_RUN = Set.of("40001", "40P01", "23505", "23P01");

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
                if (!isWorthAnotherRun(e)) {
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

    /// All reading of `work` sees the database at one moment.
    public <T> T read(Supplier<T> work) {
        return snapshot.execute(status -> work.get());
    }

    private static boolean isWorthAnotherRun(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof OptimisticLockingFailureException) {
                return true;
            }
            if (cause instanceof SQLException sql) {
                return sql.getSQLState() != null && WORTH_ANOTHER_RUN.contains(sql.getSQLState());
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
