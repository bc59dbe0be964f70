package io.multinic.ipam.support;

import io.multinic.ipam.postgres.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// One PostgreSQL for all tests of the run; each asks for a database of its own.
public final class TestPostgres {
    private static final AtomicInteger DATABASES = new AtomicInteger();

    private TestPostgres() {}

    private static final class Holder {
        static final EmbeddedPostgres SERVER = start();

        private static EmbeddedPostgres start() {
            try {
                Path directory = Files.createTempDirectory(Path.of("target"), "test-postgres");
                var server = EmbeddedPostgres.start(directory, Path.of(System.getProperty("java.io.tmpdir")), 0);
                Runtime.getRuntime().addShutdownHook(new Thread(server::close));
                return server;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /// A new, empty database.
    public static Database newDatabase() {
        String name = "test" + DATABASES.incrementAndGet();
        var database = new Database(
                Holder.SERVER.jdbcUrl().replace("/postgres", "/" + name),
                Holder.SERVER.user(),
                Holder.SERVER.password());
        try (var connection =
                        DriverManager.getConnection(Holder.SERVER.jdbcUrl(), database.user(), database.password());
                var statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return database;
    }

    /// How to reach a database.
    public record Database(String url, String user, String password) {
        public Connection connect() throws SQLException {
            return DriverManager.getConnection(url, user, password);
        }

        public void execute(String sql) throws SQLException {
            try (var connection = connect();
                    var statement = connection.createStatement()) {
                statement.execute(sql);
            }
        }

        /// The one number that the query finds.
        public long count(String sql) throws SQLException {
            try (var connection = connect();
                    var statement = connection.createStatement();
                    var result = statement.executeQuery(sql)) {
                result.next();
                return result.getLong(1);
            }
        }

        /// Every row of every table and the state of every sequence, as text.
        public List<String> dump() throws SQLException {
            var dump = new ArrayList<String>();
            try (var connection = connect();
                    var statement = connection.createStatement()) {
                var tables = new ArrayList<String>();
                try (var result =
                        statement.executeQuery("SELECT oid::regclass FROM pg_class WHERE relkind IN ('r', 'S')"
                                + " AND relnamespace = 'public'::regnamespace ORDER BY relname")) {
                    while (result.next()) {
                        tables.add(result.getString(1));
                    }
                }
                for (String table : tables) {
                    try (var result =
                            statement.executeQuery("SELECT ROW(stored.*)::text FROM " + table + " stored ORDER BY 1")) {
                        while (result.next()) {
                            dump.add(table + " " + result.getString(1));
                        }
                    }
                }
            }
            return dump;
        }

        /// Everything the tests put in; the schema stays.
        public void clear() throws SQLException {
            execute(
                    "TRUNCATE network, network_subnet, node, nic, host_address, interface_index, host_index, block, plan_change, unplaced,"
                            + " journal, session, allocation, allocation_past, conflict, audit_event, reservation, stated_block RESTART IDENTITY");
        }
    }
}
