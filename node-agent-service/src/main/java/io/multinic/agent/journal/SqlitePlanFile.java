package io.multinic.agent.journal;

import io.multinic.agent.journal.SqliteSession.SqliteException;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.JournalMode;
import org.sqlite.SQLiteConfig.SynchronousMode;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/// The SQLite file of the plan, readable by its owner only: one row for the node, each network and each peer.
///
/// One connection, opened at the first transaction and again after an error. Its directory belongs to the journal,
/// whose
/// lock keeps other processes away. The file can be fetched again, so a damaged one, and one of another version, is
/// replaced by an empty one.
final class SqlitePlanFile implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(SqlitePlanFile.class);
    /// Suffixes of the files.
    static final List<String> SUFFIXES = List.of("", "-wal", "-shm");

    private static final int VERSION = 1;
    /// Limit of the log that is kept for the next transaction: a whole plan has 20 MB.
    private static final int LOG_BYTES = 1 << 20;

    private static final List<String> SCHEMA = List.of("""
            CREATE TABLE node (
                only     INTEGER PRIMARY KEY CHECK (only = 1),
                name     TEXT NOT NULL,
                uid      TEXT NOT NULL,
                revision INTEGER NOT NULL,
                history  TEXT NOT NULL,
                absent   TEXT NOT NULL
            )""", """
            CREATE TABLE network (
                id         INTEGER PRIMARY KEY,
                name       TEXT NOT NULL UNIQUE,
                number     INTEGER NOT NULL,
                definition TEXT NOT NULL,
                blocks     TEXT NOT NULL
            )""", """
            CREATE TABLE peer (
                network         INTEGER NOT NULL,
                block           BLOB NOT NULL,
                node            TEXT NOT NULL,
                interface_index INTEGER NOT NULL,
                via             BLOB NOT NULL,
                excluded        TEXT,
                PRIMARY KEY (network, block)
            ) WITHOUT ROWID""", "PRAGMA user_version = " + VERSION);

    private final Path path;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable SqliteSession session;

    SqlitePlanFile(Path path) {
        this.path = path;
    }

    /// Runs `work` as one transaction, which is on disk when this returns.
    ///
    /// @throws MultiNicException TRY_AGAIN_LATER with the file and the fault
    <T> T transact(Function<SqliteSession, T> work) {
        lock.lock();
        try {
            return attempt(work);
        } catch (SqliteException e) {
            disconnect();
            if (!isDamage(e)) {
                throw fault(e);
            }
            log.atError()
                    .addKeyValue("file", path)
                    .addKeyValue("reason", e.getMessage())
                    .log("stored plan is damaged and deleted; the plan is fetched again");
            delete();
            return attempt(work);
        } catch (Throwable e) {
            disconnect();
            throw e;
        } finally {
            lock.unlock();
        }
    }

    private <T> T attempt(Function<SqliteSession, T> work) {
        SqliteSession open = session;
        if (open == null) {
            try {
                open = connect();
            } catch (SQLException e) {
                throw new SqliteException(e);
            }
            session = open;
        }
        return open.transact(work);
    }

    private static boolean isDamage(SqliteException failure) {
        return failure.getCause() instanceof SQLiteException e
                && (e.getResultCode() == SQLiteErrorCode.SQLITE_CORRUPT
                        || e.getResultCode() == SQLiteErrorCode.SQLITE_NOTADB);
    }

    private MultiNicException fault(Exception cause) {
        return new MultiNicException(
                ErrorCode.TRY_AGAIN_LATER,
                "the plan in " + path + " cannot be read or written: " + cause.getMessage()
                        + "; check the disk, and that it has space and its directory is writable",
                cause);
    }

    private SqliteSession connect() throws SQLException {
        try {
            if (!Files.exists(path)) {
                Files.createFile(
                        path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            }
        } catch (IOException e) {
            throw fault(e);
        }
        var config = new SQLiteConfig();
        config.setJournalMode(JournalMode.WAL);
        config.setSynchronous(SynchronousMode.FULL);
        config.setJournalSizeLimit(LOG_BYTES);
        config.setBusyTimeout(5_000);
        config.setCacheSize(-512);
        var opened = new SqliteSession(config.createConnection("jdbc:sqlite:" + path), "BEGIN IMMEDIATE");
        try {
            opened.transact(SqlitePlanFile::prepareSchema);
            return opened;
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    private static boolean prepareSchema(SqliteSession write) {
        if (write.query("PRAGMA user_version", row -> row.number(1)).getFirst() == VERSION) {
            return false;
        }
        for (String table : List.of("node", "network", "peer")) {
            write.update("DROP TABLE IF EXISTS " + table);
        }
        SCHEMA.forEach(write::update);
        return true;
    }

    /// Deletes the content. Needs no space, and is on disk when this returns.
    void clear() {
        lock.lock();
        try {
            disconnect();
            delete();
        } finally {
            lock.unlock();
        }
    }

    /// Deletes the database before its log: SQLite ignores the log of a file that is empty.
    private void delete() {
        Path directory = path.toAbsolutePath().getParent();
        try {
            for (String suffix : SUFFIXES) {
                Files.deleteIfExists(path.resolveSibling(path.getFileName() + suffix));
            }
            try (var entries = FileChannel.open(directory, StandardOpenOption.READ)) {
                entries.force(true);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void disconnect() {
        if (session != null) {
            session.close();
            session = null;
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            disconnect();
        } finally {
            lock.unlock();
        }
    }
}
