package io.multinic.agent.journal;

import io.multinic.agent.journal.SqliteSession.SqliteException;
import io.multinic.contract.error.MultiNicException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.JournalMode;
import org.sqlite.SQLiteConfig.SynchronousMode;

/// One SQLite file in WAL mode, locked by this process, with one writing transaction at a time and reads beside it.
///
/// There are three connections. Commits of the first, with `synchronous=FULL`, sync the log: they survive a power
/// loss. Those of the second, with `synchronous=NORMAL`, only write the log: they survive a crash of the process,
/// because the kernel has the pages, and become durable with the next FULL commit. After a power loss the file is
/// consistent in both cases; NORMAL commits that may be lost concern sandboxes that the power loss has ended too. The
/// third connection only reads, and waits for no commit.
///
/// A file beside it reserves space. If the disk is full, transactions that release something delete it and are
/// repeated; those that hold something new are refused until there is space for the reserve again.
///
/// After an error SQLite may or may not have rolled back, and prepared statements may stay unusable. A connection with
/// an error is therefore closed, which rolls back in every case, and the next transaction opens another one.
final class SqliteFile implements AutoCloseable {
    private static final Set<PosixFilePermission> OWNER_DIRECTORY = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> OWNER_FILE = PosixFilePermissions.fromString("rw-------");

    /// Suffixes of the files.
    static final List<String> SUFFIXES = List.of("", ".lock", "-wal", "-shm", ".reserve");

    private static final int RESERVE = 1 << 20;

    private final Path path;
    private final Path reserve;
    /// Guarded by the lock of the writers.
    private boolean reserved;
    private final FileChannel lockFile;
    private final Slot durable;
    private final Slot quick;
    private final Slot reader;

    private SqliteFile(Path path, FileChannel lockFile) {
        this.path = path;
        this.reserve = path.resolveSibling(path.getFileName() + ".reserve");
        this.lockFile = lockFile;
        var writing = new ReentrantLock();
        durable = new Slot(writing, () -> connect(SynchronousMode.FULL));
        quick = new Slot(writing, () -> connect(SynchronousMode.NORMAL));
        reader = new Slot(new ReentrantLock(), this::connectReadOnly);
    }

    private interface Connector {
        SqliteSession connect() throws SQLException;
    }

    /// A connection that is opened when it is needed, and closed after an error.
    private final class Slot {
        private final ReentrantLock lock;
        private final Connector connector;
        private @Nullable SqliteSession session;

        Slot(ReentrantLock lock, Connector connector) {
            this.lock = lock;
            this.connector = connector;
        }

        <T> T transact(Function<SqliteSession, T> work) {
            return use(session -> session.transact(work));
        }

        /// If there is no space, deletes the reserve, gives the space of the log back, and repeats the transaction.
        <T> T release(Function<SqliteSession, T> work) {
            lock.lock();
            try {
                return transact(work);
            } catch (MultiNicException e) {
                if (!SqliteFault.isNoSpace(path, e)) {
                    throw e;
                }
                deleteReserve();
                emptyLog();
                return transact(work);
            } finally {
                lock.unlock();
            }
        }

        private void emptyLog() {
            use(session -> session.query("PRAGMA wal_checkpoint(TRUNCATE)", row -> row.number(1)));
        }

        <T> T hold(Function<SqliteSession, T> work) {
            lock.lock();
            try {
                requireReserve();
                return transact(work);
            } finally {
                lock.unlock();
            }
        }

        <T> T use(Function<SqliteSession, T> work) {
            lock.lock();
            try {
                return work.apply(session());
            } catch (SqliteException e) {
                drop();
                throw SqliteFault.of(path, e);
            } finally {
                if (session != null && session.broken()) {
                    drop();
                }
                lock.unlock();
            }
        }

        private SqliteSession session() {
            SqliteSession open = session;
            if (open == null) {
                try {
                    open = connector.connect();
                } catch (SQLException e) {
                    throw new SqliteException(e);
                }
                session = open;
            }
            return open;
        }

        void drop() {
            lock.lock();
            try {
                if (session != null) {
                    session.close();
                    session = null;
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /// @throws MultiNicException with the file and the fault
    static SqliteFile open(Path path) {
        var file = new SqliteFile(path, lock(path));
        try {
            file.durable.use(session -> {
                check(session);
                JournalSchema.migrate(session);
                return session;
            });
            return file;
        } catch (IllegalStateException e) {
            file.close();
            throw SqliteFault.unusable(path, e);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static void check(SqliteSession session) {
        String complaint =
                session.query("PRAGMA quick_check(1)", row -> row.text(1)).getFirst();
        if (!complaint.equals("ok")) {
            throw new SqliteException(SqliteFault.damage(complaint));
        }
    }

    private static FileChannel lock(Path path) {
        Path lockPath = path.resolveSibling(path.getFileName() + ".lock");
        try {
            makePrivate(path);
            var channel = FileChannel.open(lockPath, StandardOpenOption.WRITE);
            if (channel.tryLock() != null) {
                return channel;
            }
            channel.close();
            throw new IOException("another agent has it open");
        } catch (OverlappingFileLockException e) {
            throw SqliteFault.unusable(path, new IOException("this process has it open already", e));
        } catch (IOException e) {
            throw SqliteFault.unusable(path, e);
        }
    }

    /// Creates directory and files that are missing, readable by their owner only, and makes existing ones so. SQLite
    /// gives its other files the permissions of the database.
    private static void makePrivate(Path path) throws IOException {
        Path directory = Objects.requireNonNull(path.toAbsolutePath().getParent(), "journal without directory");
        Files.createDirectories(directory);
        Files.setPosixFilePermissions(directory, OWNER_DIRECTORY);
        for (String suffix : SUFFIXES) {
            Path file = directory.resolve(path.getFileName() + suffix);
            if (Files.exists(file)) {
                Files.setPosixFilePermissions(file, OWNER_FILE);
            } else if (suffix.isEmpty() || suffix.equals(".lock")) {
                Files.createFile(file, PosixFilePermissions.asFileAttribute(OWNER_FILE));
            }
        }
    }

    private void requireReserve() {
        if (reserved) {
            return;
        }
        try {
            if (!Files.exists(reserve) || Files.size(reserve) < RESERVE) {
                Files.write(reserve, new byte[RESERVE]);
                Files.setPosixFilePermissions(reserve, OWNER_FILE);
            }
            reserved = true;
        } catch (IOException e) {
            deleteReserve();
            throw SqliteFault.noReserve(path, RESERVE, e);
        }
    }

    private void deleteReserve() {
        reserved = false;
        try {
            Files.deleteIfExists(reserve);
        } catch (IOException e) {
            throw SqliteFault.unusable(path, e);
        }
    }

    private SqliteSession connect(SynchronousMode synchronous) throws SQLException {
        var config = config();
        config.setJournalMode(JournalMode.WAL);
        config.setSynchronous(synchronous);
        config.enforceForeignKeys(true);
        return new SqliteSession(config.createConnection("jdbc:sqlite:" + path), "BEGIN IMMEDIATE");
    }

    private SqliteSession connectReadOnly() throws SQLException {
        var config = config();
        config.setReadOnly(true);
        return new SqliteSession(config.createConnection("jdbc:sqlite:" + path), "BEGIN");
    }

    private static SQLiteConfig config() {
        var config = new SQLiteConfig();
        config.setBusyTimeout(5_000);
        config.setCacheSize(-512);
        return config;
    }

    /// Runs `work` as one transaction that is on disk when this returns.
    ///
    /// Changes nothing if it fails.
    ///
    /// @throws MultiNicException TRY_AGAIN_LATER if there is no space, or the disk or memory fails
    <T> T durably(Function<SqliteSession, T> work) {
        return durable.transact(work);
    }

    /// Runs `work`, which holds something new, as [#durably]; keeps the reserve for releases.
    <T> T hold(Function<SqliteSession, T> work) {
        return durable.hold(work);
    }

    /// Runs `work`, which releases something, as [#durably]; goes on while the disk is full, as long as the reserve
    /// suffices.
    <T> T release(Function<SqliteSession, T> work) {
        return durable.release(work);
    }

    /// Runs `work`, which prepares a release, as [#quickly].
    <T> T prepareRelease(Function<SqliteSession, T> work) {
        return quick.release(work);
    }

    /// Runs `work` as one transaction that survives a crash of this process.
    <T> T quickly(Function<SqliteSession, T> work) {
        return quick.transact(work);
    }

    /// Runs `work`, which only reads, on the state of the last commit. Waits for other reads, not for writes.
    <T> T read(Function<SqliteSession, T> work) {
        return reader.transact(work);
    }

    /// Syncs the log, so that all commits so far survive a power loss. No transaction waits for it.
    void sync() {
        try (var log = FileChannel.open(path.resolveSibling(path.getFileName() + "-wal"), StandardOpenOption.WRITE)) {
            log.force(false);
        } catch (IOException e) {
            throw SqliteFault.unusable(path, e);
        }
    }

    @Override
    public void close() {
        reader.drop();
        quick.drop();
        durable.drop();
        try {
            lockFile.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
