package io.multinic.ipam.support;

import io.multinic.ipam.support.TestPostgres.Database;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.postgresql.PGConnection;

/// All rows of a database, like `pg_dump --data-only`, which the embedded PostgreSQL lacks.
///
/// @param tables the rows of each table in COPY format
/// @param sequences the last value of each sequence
public record DatabaseDump(Map<String, String> tables, Map<String, Long> sequences) {
    private static List<String> names(Connection connection, String kind) throws SQLException {
        var names = new ArrayList<String>();
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT relname FROM pg_class WHERE relkind = '" + kind
                        + "' AND relnamespace = 'public'::regnamespace AND relname <> 'flyway_schema_history'")) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        return names;
    }

    public static DatabaseDump of(Database database) throws SQLException, IOException {
        Map<String, String> tables = new LinkedHashMap<>();
        Map<String, Long> sequences = new LinkedHashMap<>();
        try (var connection = database.connect()) {
            var copy = connection.unwrap(PGConnection.class).getCopyAPI();
            for (String table : names(connection, "r")) {
                var rows = new StringWriter();
                copy.copyOut("COPY " + table + " TO STDOUT", rows);
                tables.put(table, rows.toString());
            }
            for (String sequence : names(connection, "S")) {
                sequences.put(sequence, database.count("SELECT last_value FROM " + sequence));
            }
        }
        return new DatabaseDump(tables, sequences);
    }

    /// Restores the rows into an empty database.
    public void restore(Database database) throws SQLException, IOException {
        TestPostgres.migrate(database);
        try (var connection = database.connect();
                var statement = connection.createStatement()) {
            statement.execute("SET session_replication_role = replica");
            var copy = connection.unwrap(PGConnection.class).getCopyAPI();
            for (var table : tables.entrySet()) {
                statement.execute("DELETE FROM " + table.getKey());
                copy.copyIn("COPY " + table.getKey() + " FROM STDIN", new StringReader(table.getValue()));
            }
            for (var sequence : sequences.entrySet()) {
                statement.execute("SELECT setval('" + sequence.getKey() + "', " + sequence.getValue() + ")");
            }
        }
    }
}
