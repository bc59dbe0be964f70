package io.multinic.agent.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.journal.SqliteSession.SqliteException;
import io.multinic.contract.error.ErrorCode;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

class SqliteFaultIT {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({
        "SQLITE_FULL, TRY_AGAIN_LATER, no space on",
        "SQLITE_IOERR, TRY_AGAIN_LATER, check the disk",
        "SQLITE_IOERR_FSYNC, TRY_AGAIN_LATER, check the disk",
        "SQLITE_NOMEM, TRY_AGAIN_LATER, memory limit",
        "SQLITE_CORRUPT, INTERNAL, keep the file",
        "SQLITE_NOTADB, INTERNAL, keep the file",
        "SQLITE_READONLY, INTERNAL, writable",
        "SQLITE_BUSY, INTERNAL, only one agent"
    })
    void faultNamesFileAndRemedyAndNeverAsksToDeleteTheFile(SQLiteErrorCode code, ErrorCode expected, String remedy) {
        var fault = SqliteFault.of(
                directory.resolve("journal.db"), new SqliteException(new SQLiteException("failure", code)));
        assertThat(fault.code()).isEqualTo(expected);
        assertThat(fault)
                .hasMessageContaining("journal.db")
                .hasMessageContaining(directory.toString())
                .hasMessageContaining(remedy);
        assertThat(fault.getMessage()).doesNotContainIgnoringCase("remove").doesNotContainIgnoringCase("delete");
    }
}
