package io.multinic.ipam.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.multinic.ipam.support.TestPostgres.Database;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.postgresql.util.PSQLException;

/// Isolation of the tests' databases from each other.
class TestPostgresIT {
    private static final String NODE = "INSERT INTO node (uid, name, current) VALUES ('uid-1', 'node1', true)";

    @Test
    void ownerOfOneDatabaseCannotConnectToAnother() {
        for (Database one : List.of(TestPostgres.newDatabase(), TestPostgres.newEmptyDatabase())) {
            for (Database other : List.of(TestPostgres.newDatabase(), TestPostgres.newEmptyDatabase())) {
                assertThatThrownBy(() -> DriverManager.getConnection(other.url(), one.user(), one.password()))
                        .isInstanceOf(PSQLException.class)
                        .hasMessageContaining("permission denied for database");
            }
        }
    }

    @Test
    void noOwnerCanConnectToTheTemplateOrTheServersOwnDatabases() {
        Database database = TestPostgres.newDatabase();
        for (String name : List.of("migrated", "postgres", "template1")) {
            String url = database.url().replaceFirst("/[^/]*$", "/" + name);
            assertThatThrownBy(() -> DriverManager.getConnection(url, database.user(), database.password()))
                    .as(name)
                    .isInstanceOf(PSQLException.class);
        }
    }

    @Test
    void newDatabaseHasTheSchemaAndNoDataOfOthers() throws SQLException {
        Database used = TestPostgres.newDatabase();
        used.execute(NODE);
        Database fresh = TestPostgres.newDatabase();
        assertThat(used.count("SELECT count(*) FROM node")).isEqualTo(1);
        assertThat(fresh.count("SELECT count(*) FROM node")).isZero();
    }

    @Test
    void databasesAreDifferentIncarnations() throws SQLException {
        String history = "SELECT hashtextextended(history, 0) FROM plan_change_horizon";
        assertThat(TestPostgres.newDatabase().count(history))
                .isNotEqualTo(TestPostgres.newDatabase().count(history));
    }

    @Test
    void clearRemovesAllRowsAndRestartsIdentities() throws SQLException {
        Database database = TestPostgres.newDatabase();
        List<String> fresh = database.dump();
        database.execute(NODE);
        database.execute("INSERT INTO journal (node_id, store_id) SELECT id, 's' FROM node");
        database.execute("INSERT INTO audit_event (caller, action, details)"
                + " SELECT 'me', 'X', jsonb_build_object('text', repeat('x', 2000)) FROM generate_series(1, 2000)");
        assertThat(database.dump()).isNotEqualTo(fresh);
        database.clear();
        assertThat(database.count("SELECT count(*) FROM audit_event")).isZero();
        database.execute(NODE);
        assertThat(database.count("SELECT id FROM node")).isEqualTo(1);
        database.clear();
        assertThat(rows(database)).isEqualTo(rows(fresh));
    }

    private static List<String> rows(Database database) throws SQLException {
        return rows(database.dump());
    }

    /// Without the state of sequences, which differs before and after the first use.
    private static List<String> rows(List<String> dump) {
        return dump.stream().filter(row -> !row.contains("_seq ")).toList();
    }

    @Test
    void clearFailsAfterTestHasChangedTheSchema() throws SQLException {
        Database database = TestPostgres.newDatabase();
        database.execute("CREATE TABLE left_behind (id int)");
        assertThatThrownBy(database::clear).isInstanceOf(AssertionError.class).hasMessageContaining("left_behind");
    }
}
