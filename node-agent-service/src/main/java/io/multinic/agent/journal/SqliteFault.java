package io.multinic.agent.journal;

import io.multinic.agent.journal.SqliteSession.SqliteException;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/// Errors of the journal's file, with cause and remedy.
///
/// No remedy is to delete the file: it holds events that the ledger may not have.
final class SqliteFault {
    /// Space that a new connection needs for the index of the log.
    private static final long CONNECTION_SPACE = 64 << 10;

    private SqliteFault() {}

    /// Describes an error of SQLite.
    static MultiNicException of(Path path, SqliteException e) {
        return switch (kind(path, e)) {
            case NO_SPACE -> noSpace(path, e);
            case NO_MEMORY ->
                new MultiNicException(
                        ErrorCode.TRY_AGAIN_LATER,
                        "no memory for the journal " + path + "; raise the memory limit of the node agent",
                        e);
            case DISK ->
                new MultiNicException(
                        ErrorCode.TRY_AGAIN_LATER,
                        "the journal " + path + " cannot be read or written: " + e.getMessage()
                                + "; check the disk and the kernel log of this node",
                        e);
            case DAMAGED ->
                new MultiNicException(
                        ErrorCode.INTERNAL,
                        "the journal " + path + " is damaged: " + e.getMessage()
                                + "; stop the agent, check the disk, keep the file, and restore it from a copy or with"
                                + " `sqlite3 " + path + " .recover`",
                        e);
            case OTHER -> unusable(path, e);
        };
    }

    private static MultiNicException noSpace(Path path, Exception cause) {
        return new MultiNicException(
                ErrorCode.TRY_AGAIN_LATER,
                "no space on " + path.toAbsolutePath().getParent() + ": the journal " + path.getFileName()
                        + " cannot be written; free space on its file system (attached pods are not affected)",
                cause);
    }

    /// The error of a reserve of `size` bytes that cannot be written.
    static MultiNicException noReserve(Path path, long size, IOException e) {
        return lacksSpace(path, size) ? noSpace(path, e) : unusable(path, e);
    }

    /// True if the error was caused by a full disk.
    static boolean isNoSpace(Path path, MultiNicException fault) {
        return fault.getCause() instanceof SqliteException cause && kind(path, cause) == Kind.NO_SPACE;
    }

    static MultiNicException unusable(Path path, Exception cause) {
        return new MultiNicException(
                ErrorCode.INTERNAL,
                "the journal " + path + " cannot be used: " + cause.getMessage()
                        + "; check that its directory is writable and that only one agent uses it",
                cause);
    }

    /// The error of a file whose content fails a check.
    static SQLException damage(String complaint) {
        return new SQLiteException(complaint, SQLiteErrorCode.SQLITE_CORRUPT);
    }

    private enum Kind {
        NO_SPACE,
        NO_MEMORY,
        DISK,
        DAMAGED,
        OTHER
    }

    private static Kind kind(Path path, SqliteException e) {
        if (!(e.getCause() instanceof SQLiteException cause)) {
            return Kind.OTHER;
        }
        // The low byte of an extended code is the primary one.
        return switch (SQLiteErrorCode.getErrorCode(cause.getResultCode().code & 0xff)) {
            case SQLITE_FULL -> Kind.NO_SPACE;
            case SQLITE_NOMEM -> Kind.NO_MEMORY;
            case SQLITE_IOERR -> lacksSpace(path, CONNECTION_SPACE) ? Kind.NO_SPACE : Kind.DISK;
            case SQLITE_CANTOPEN -> lacksSpace(path, CONNECTION_SPACE) ? Kind.NO_SPACE : Kind.OTHER;
            case SQLITE_CORRUPT, SQLITE_NOTADB -> Kind.DAMAGED;
            default -> Kind.OTHER;
        };
    }

    /// SQLite reports a full disk as another error where it maps a file or opens one.
    private static boolean lacksSpace(Path path, long needed) {
        try {
            return Files.getFileStore(path.toAbsolutePath().getParent()).getUsableSpace() < needed;
        } catch (IOException e) {
            return false;
        }
    }
}
