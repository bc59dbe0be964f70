package io.multinic.agent.journal;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.JournalMode;
import org.sqlite.SQLiteConfig.SynchronousMode;

/// One SQLite file in WAL mode, locked by this process, with one transaction at a time.
///
/// There are two connections with different commits. `synchronous=FULL` syncs the log: its commits survive a power
/// loss. `synchronous=NORMAL` only writes the log: its commits survive a crash of the process, because the kernel has
/// the pages, and become durable with the next FULL commit. After a power loss the file is consistent in both cases;
/// NORMAL commits that may be lost concern sandboxes that the power loss has ended too.
final class SqliteFile implements AutoCloseable {
    private final Path path;
    private final FileChannel lockFile;
    private final ReentrantLock lock = new ReentrantLock();
    private final SqliteSession durable;
    private final SqliteSession quick;

    private SqliteFile(Path path, FileChannel lockFile, SqliteSession durable, SqliteSession quick) {
        this.path = path;
        this.lockFile = lockFile;
        this.durable = durable;
        this.quick = quick;
    }

    /// @throws MultiNicException INTERNAL, with the file and the fault
    static SqliteFile open(Path path) {
        FileChannel lockFile = lock(path);
        try {
            var durable = new SqliteSession(connect(path, SynchronousMode.FULL));
            String complaint =
                    durable.query("PRAGMA quick_check(1)", row -> row.text(1)).getFirst();
            if (!complaint.equals("ok")) {
                throw new SQLException(complaint);
            }
            JournalSchema.migrate(durable);
            return new SqliteFile(path, lockFile, durable, new SqliteSession(connect(path, SynchronousMode.NORMAL)));
        } catch (SQLException | SqliteSession.SqliteException | IllegalStateException e) {
            release(lockFile);
            throw unusable(path, e);
        }
    }

    private static FileChannel lock(Path path) {
        Path lockPath = path.resolveSibling(path.getFileName() + ".lock");
        try {
            Files.createDirectories(path.toAbsolutePath().getParent());
            var channel = FileChannel.open(lockPath, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (channel.tryLock() != null) {
                return channel;
            }
            channel.close();
            throw new IOException("another agent has it open");
        } catch (OverlappingFileLockException e) {
            throw unusable(path, new IOException("this process has it open already", e));
        } catch (IOException e) {
            throw unusable(path, e);
        }
    }

    private static void release(FileChannel lockFile) {
        try {
            lockFile.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Connection connect(Path path, SynchronousMode synchronous) throws SQLException {
        var config = new SQLiteConfig();
        config.setJournalMode(JournalMode.WAL);
        config.setSynchronous(synchronous);
        config.enforceForeignKeys(true);
        config.setBusyTimeout(5_000);
        config.setCacheSize(-512);
        return config.createConnection("jdbc:sqlite:" + path);
    }

    private static MultiNicException unusable(Path path, Exception cause) {
        return new MultiNicException(
                ErrorCode.INTERNAL,
                "the journal " + path + " cannot be used: " + cause.getMessage()
                        + "; repair or remove the file (without it the addresses of running pods come back from the"
                        + " ledger) and check that its directory is writable",
                cause);
    }

    /// Runs `work` as one transaction that is on disk when this returns.
    <T> T durably(Function<SqliteSession, T> work) {
        return transact(durable, work);
    }

    /// Runs `work` as one transaction that survives a crash of this process; also used for reads.
    <T> T quickly(Function<SqliteSession, T> work) {
        return transact(quick, work);
    }

    private <T> T transact(SqliteSession session, Function<SqliteSession, T> work) {
        lock.lock();
        try {
            return session.transact(work);
        } catch (SqliteSession.SqliteException e) {
            throw unusable(path, e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            quick.close();
            durable.close();
            release(lockFile);
        } finally {
            lock.unlock();
        }
    }
}
