package io.multinic.ipam.support;

import io.multinic.ipam.postgres.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;

/// One PostgreSQL for all tests of a JVM, without durability: what it stores need not survive the run.
///
/// Each database has an owner of its own, the only role that may connect to it. A test therefore cannot
/// read or write the database of another test, whatever its code does. Databases with a schema are copies
/// of a template that is migrated once and accepts no connections afterwards.
public final class TestPostgres {
    private static final String SCHEMA_OWNER = "schema_owner";
    private static final String TEMPLATE = "migrated";
    private static final AtomicInteger DATABASES = new AtomicInteger();

    private TestPostgres() {}

    private static final class Holder {
        static final EmbeddedPostgres SERVER;
        /// The tables that hold data of tests.
        static final List<String> DATA_TABLES;

        static {
            SERVER = start();
            try {
                DATA_TABLES = prepare(SERVER);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

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

        private static List<String> prepare(EmbeddedPostgres server) throws SQLException {
            var administrator = new Database(server.jdbcUrl(), server.user(), server.password());
            // One iteration of the password hash: the tests open thousands of connections.
            for (String setting : List.of(
                    "fsync = off", "full_page_writes = off", "synchronous_commit = off", "scram_iterations = 1")) {
                administrator.execute("ALTER SYSTEM SET " + setting);
            }
            administrator.execute("SELECT pg_reload_conf()");
            administrator.execute("REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC");
            administrator.execute("SET scram_iterations = 1; CREATE ROLE " + SCHEMA_OWNER + " LOGIN PASSWORD '"
                    + administrator.password() + "'");
            administrator.execute("GRANT SET ON PARAMETER session_replication_role TO " + SCHEMA_OWNER);
            administrator.execute("CREATE DATABASE " + TEMPLATE + " OWNER " + SCHEMA_OWNER);
            var template = new Database(url(server, TEMPLATE), SCHEMA_OWNER, administrator.password());
            migrate(template);
            List<String> tables;
            try (var connection = template.connect()) {
                tables = Database.dataTables(connection);
            }
            administrator.execute("ALTER DATABASE " + TEMPLATE + " ALLOW_CONNECTIONS false");
            administrator.execute("ALTER ROLE " + SCHEMA_OWNER + " NOLOGIN");
            return tables;
        }

        private static String url(EmbeddedPostgres server, String database) {
            return server.jdbcUrl().replaceFirst("/[^/]*$", "/" + database);
        }
    }

    /// Brings the schema to the newest version.
    public static void migrate(Database database) {
        Flyway.configure()
                .dataSource(database.url(), database.user(), database.password())
                .load()
                .migrate();
    }

    /// A new database with the newest schema and no data.
    public static Database newDatabase() {
        Database database = create(TEMPLATE);
        try (var connection =
                        DriverManager.getConnection(database.url(), Holder.SERVER.user(), Holder.SERVER.password());
                var statement = connection.createStatement()) {
            // The migration names the database incarnation at random; a copy has a name of its own.
            statement.execute("UPDATE plan_change_horizon SET history = gen_random_uuid()::text");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return database;
    }

    /// A new database without a schema.
    public static Database newEmptyDatabase() {
        return create("template1");
    }

    private static Database create(String template) {
        String name = "test" + DATABASES.incrementAndGet();
        var database = new Database(
                Holder.url(Holder.SERVER, name), name, UUID.randomUUID().toString());
        try (var connection = DriverManager.getConnection(
                        Holder.SERVER.jdbcUrl(), Holder.SERVER.user(), Holder.SERVER.password());
                var statement = connection.createStatement()) {
            statement.execute("SET scram_iterations = 1");
            statement.execute(
                    "CREATE ROLE " + name + " LOGIN PASSWORD '" + database.password() + "' IN ROLE " + SCHEMA_OWNER);
            statement.execute("CREATE DATABASE " + name + " TEMPLATE " + template + " OWNER " + name);
            statement.execute("REVOKE ALL ON DATABASE " + name + " FROM PUBLIC");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return database;
    }

    /// The connection that was used last, kept for the next statement on the same database: to open one
    /// takes longer than most statements do.
    private static final class IdleConnection {
        private @Nullable Database database;
        private @Nullable Connection connection;

        interface Work<T> {
            T run(Connection connection) throws SQLException;
        }

        <T> T use(Database wanted, Work<T> work) throws SQLException {
            Connection taken = take(wanted);
            T result;
            try {
                result = work.run(taken);
            } catch (SQLException | RuntimeException | Error e) {
                taken.close();
                throw e;
            }
            keep(wanted, taken);
            return result;
        }

        private synchronized Connection take(Database wanted) throws SQLException {
            Connection kept = connection;
            boolean fits = kept != null && wanted.equals(database);
            if (fits) {
                connection = null;
            }
            return fits && kept.isValid(1) ? kept : wanted.connect();
        }

        private synchronized void keep(Database used, Connection open) throws SQLException {
            if (connection != null) {
                connection.close();
            }
            connection = open;
            database = used;
        }
    }

    private static final IdleConnection IDLE = new IdleConnection();

    /// The URL of a database and the credentials of its owner.
    public record Database(String url, String user, String password) {
        /// Tables whose single row describes the database itself; the running service relies on it.
        private static final String SINGLETONS =
                "'flyway_schema_history', 'lineage', 'plan_change_horizon', 'allocation_past_horizon'";

        /// Deletes from the tables that have rows. TRUNCATE of all tables takes twenty times as long,
        /// because it makes new files for each table and index; it is used for large tables only. Foreign
        /// keys are not checked, because all tables are empty in the end.
        private static final String CLEAR = resource("/clear.sql").formatted(SINGLETONS);

        private static String resource(String path) {
            try (var stream = TestPostgres.class.getResourceAsStream(path)) {
                return new String(Objects.requireNonNull(stream, path).readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        public Connection connect() throws SQLException {
            return DriverManager.getConnection(url, user, password);
        }

        public void execute(String sql) throws SQLException {
            IDLE.use(this, connection -> {
                try (var statement = connection.createStatement()) {
                    return statement.execute(sql);
                }
            });
        }

        /// The single number that the query returns.
        public long count(String sql) throws SQLException {
            return IDLE.use(this, connection -> {
                try (var statement = connection.createStatement();
                        var result = statement.executeQuery(sql)) {
                    result.next();
                    return result.getLong(1);
                }
            });
        }

        /// Every row of every table and the state of every sequence, as text.
        public List<String> dump() throws SQLException {
            return IDLE.use(this, connection -> {
                var dump = new ArrayList<String>();
                var tables = texts(
                        connection,
                        "SELECT oid::regclass FROM pg_class WHERE relkind IN ('r', 'S')"
                                + " AND relnamespace = 'public'::regnamespace ORDER BY relname");
                for (String table : tables) {
                    texts(connection, "SELECT ROW(stored.*)::text FROM " + table + " stored ORDER BY 1")
                            .forEach(row -> dump.add(table + " " + row));
                }
                return dump;
            });
        }

        private static List<String> texts(Connection connection, String query) throws SQLException {
            var texts = new ArrayList<String>();
            try (var statement = connection.createStatement();
                    var result = statement.executeQuery(query)) {
                while (result.next()) {
                    texts.add(result.getString(1));
                }
            }
            return texts;
        }

        /// Removes all data; the schema and the rows that describe the database stay.
        public void clear() throws SQLException {
            IDLE.use(this, connection -> {
                var tables = dataTables(connection);
                if (!tables.equals(Holder.DATA_TABLES)) {
                    throw new AssertionError("an earlier test has changed the schema: the tables are " + tables
                            + ", not " + Holder.DATA_TABLES);
                }
                try (var statement = connection.createStatement()) {
                    return statement.execute(CLEAR);
                }
            });
        }

        private static List<String> dataTables(Connection connection) throws SQLException {
            return texts(
                    connection,
                    "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
                            + " AND relnamespace = 'public'::regnamespace AND relname NOT IN (" + SINGLETONS + ")"
                            + " ORDER BY relname");
        }
    }
}
