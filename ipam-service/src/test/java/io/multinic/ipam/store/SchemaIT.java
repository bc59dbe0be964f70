package io.multinic.ipam.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.multinic.ipam.support.TestPostgres;
import io.multinic.ipam.support.TestPostgres.Database;
import java.sql.SQLException;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Constraints of the schema: invalid states cannot be stored by any SQL statement.
class SchemaIT {
    private static final Database DATABASE = TestPostgres.newDatabase();

    private static final String ALLOCATION = """
            INSERT INTO allocation (network_id, node_id, address, held, nic, pod_namespace, pod_name, pod_uid,
                                    container_id, if_name, pod_interface, journal_id, opened_sequence)
            VALUES (1, 1, '%s', '%s', 'eth1', 'ns', 'pod', '', 'c', 'net1', 'net1-0', 1, %s)""";

    private static final String RESERVATION =
            "INSERT INTO reservation (network_id, first, last, reason, owner, created_by) VALUES (%s, '%s', '%s', 'r', 'o', 'c')";

    private static final String PAST = """
            INSERT INTO allocation_past (id, network_id, node_id, address, held, ended_at, nic, pod_namespace, pod_name,
                                         pod_uid, container_id, if_name, pod_interface, journal_id, opened_sequence)
            SELECT %1$s, 1, 1, '%2$s', held, upper(held), 'eth1', 'ns', 'pod', '', 'c', 'net1', 'net1-0', 1, %4$s
            FROM (VALUES ('%3$s'::tstzrange)) AS given (held)""";

    /// A statement that violates the constraint.
    record Attempt(String constraint, String statement) {
        @Override
        public String toString() {
            return constraint;
        }
    }

    @BeforeAll
    static void fill() throws SQLException {
        DATABASE.execute("""
                INSERT INTO network (name, number, definition) VALUES ('a', 0, '{}'), ('b', 1, '{}');
                INSERT INTO network_subnet VALUES (1, '192.168.0.0/16'), (1, 'fd00:10::/56');
                INSERT INTO node (uid, name, current) VALUES ('uid-1', 'node1', true), ('uid-2', 'node2', true);
                INSERT INTO nic VALUES (1, 1, 'eth1', '{10.0.1.1/24}');
                INSERT INTO host_address VALUES (1, 'eth1', '10.0.1.1');
                INSERT INTO interface_index (network_id, index, master_net, blocks, revision)
                VALUES (1, 0, '10.0.1.0/24', '{192.168.0.0/18}', 1);
                INSERT INTO host_index (interface_index_id, node_id, nic, index, present)
                VALUES (1, 1, 'eth1', 0, true);
                INSERT INTO block VALUES (1, 1, '192.168.0.0/24', '192.168.0.0/18', '{}', 255);
                INSERT INTO unplaced VALUES (1, 1, 'eth9', 'full');
                INSERT INTO journal (node_id, store_id) VALUES (1, 's');
                INSERT INTO session VALUES (1, 1, 1, now());
                INSERT INTO stated_block VALUES ('uid-9', 'node9', 'lost', 3, 'eth1', '10.0.1.0/24', 0, 7,
                                                 '192.168.0.0/18', '192.168.7.0/24', 'unknown', now());
                INSERT INTO plan_change (revision, network_id, interface_index, block, node)
                VALUES (1, 1, 0, '192.168.0.0/24', 'node1');
                INSERT INTO conflict (kind, network_id, node_id, address, at, nic, pod_namespace, pod_name, pod_uid,
                                      container_id, if_name, pod_interface, journal_id, sequence)
                VALUES ('NOT_HELD', 1, 1, '192.168.0.9', now(), 'eth1', 'ns', 'pod', '', 'c', 'net1', 'net1-0', 1, 5);
                """);
        DATABASE.execute("""
                INSERT INTO audit_event (id, at, caller, action, details)
                VALUES (1, '2026-11-24 08:00+00', 'me', 'NODE_RETIRED', '{}');
                INSERT INTO reservation (network_id, first, last, reason, owner, created_by)
                VALUES (1, '192.168.0.16', '192.168.0.31', 'r', 'o', 'c'), (1, 'fd00:10::10', 'fd00:10::1f', 'r', 'o', 'c');
                INSERT INTO journal (node_id, store_id, ended_at) VALUES (1, 'ended', now());
                """);
        DATABASE.execute(PAST.formatted("1", "192.168.0.8", "[2026-10-30 08:00+00,2026-10-31 09:00+00)", "21"));
        DATABASE.execute("UPDATE allocation_past_horizon SET ended_before = '2026-11-01'");
        DATABASE.execute(ALLOCATION.formatted("192.168.0.4", "[2026-11-24 08:00+00,)", "1"));
        DATABASE.execute(ALLOCATION.formatted("192.168.0.5", "[2026-11-24 08:00+00,2026-11-24 09:00+00)", "2"));
        DATABASE.execute(ALLOCATION.formatted("192.168.0.5", "[2026-11-24 09:00+00,)", "3"));
    }

    static Stream<Attempt> attempts() {
        return Stream.of(
                new Attempt("network_pk", again("network", "name, number", "'c', NULL")),
                new Attempt("network_name_unique", "INSERT INTO network (name) VALUES ('a')"),
                new Attempt(
                        "network_number_unique",
                        "INSERT INTO network (name, number, definition) VALUES ('c', 0, '{}')"),
                new Attempt("network_number_while_defined", "INSERT INTO network (name, number) VALUES ('c', 7)"),
                new Attempt(
                        "network_number_not_negative",
                        "INSERT INTO network (name, number, definition) VALUES ('c', -1, '{}')"),
                new Attempt(
                        "network_subnets_do_not_overlap", "INSERT INTO network_subnet VALUES (2, '192.168.128.0/24')"),
                new Attempt("network_subnets_do_not_overlap", "INSERT INTO network_subnet VALUES (2, 'fd00::/16')"),
                new Attempt("node_pk", again("node", "uid, name, current", "'u', 'x', true")),
                new Attempt("node_uid_unique", "INSERT INTO node (uid, name, current) VALUES ('uid-1', 'x', true)"),
                new Attempt(
                        "node_current_name_unique",
                        "INSERT INTO node (uid, name, current) VALUES ('u', 'node1', true)"),
                new Attempt("node_retired_is_not_current", "UPDATE node SET retired_at = now() WHERE id = 1"),
                new Attempt("nic_name_unique", "INSERT INTO nic VALUES (1, 2, 'eth1', '{}')"),
                new Attempt("nic_position_unique", "INSERT INTO nic VALUES (1, 1, 'eth2', '{}')"),
                new Attempt("host_address_unique", "INSERT INTO host_address VALUES (1, 'eth1', '10.0.1.1')"),
                new Attempt("host_address_is_one_host", "INSERT INTO host_address VALUES (1, 'eth1', '10.0.1.1/24')"),
                new Attempt("host_address_is_one_host", "INSERT INTO host_address VALUES (1, 'eth1', 'fd00::1/64')"),
                new Attempt(
                        "interface_index_pk",
                        again(
                                "interface_index",
                                "network_id, index, master_net, blocks, revision",
                                "1, 7, '10.0.7.0/24', '{}', 1")),
                new Attempt("interface_index_not_negative", "UPDATE interface_index SET index = -1"),
                new Attempt("interface_index_unique", """
                        INSERT INTO interface_index (network_id, index, master_net, blocks, revision)
                        VALUES (1, 0, '10.0.2.0/24', '{}', 1)"""),
                new Attempt("interface_index_master_net_unique", """
                        INSERT INTO interface_index (network_id, index, master_net, blocks, revision)
                        VALUES (1, 1, '10.0.1.0/24', '{}', 1)"""),
                new Attempt(
                        "host_index_pk",
                        again(
                                "host_index",
                                "interface_index_id, node_id, nic, index, present",
                                "1, 2, 'eth7', 7, true")),
                new Attempt("host_index_not_negative", "UPDATE host_index SET index = -1"),
                new Attempt("host_index_unique", """
                        INSERT INTO host_index (interface_index_id, node_id, nic, index, present)
                        VALUES (1, 2, 'eth1', 0, true)"""),
                new Attempt("host_index_nic_unique", """
                        INSERT INTO host_index (interface_index_id, node_id, nic, index, present)
                        VALUES (1, 1, 'eth1', 7, true)"""),
                new Attempt(
                        "blocks_of_a_network_do_not_overlap",
                        "INSERT INTO block VALUES (1, 1, '192.168.0.128/25', '192.168.0.0/18', '{}', 1)"),
                new Attempt(
                        "blocks_of_a_network_do_not_overlap",
                        "INSERT INTO block VALUES (1, 1, '192.168.0.0/22', '192.168.0.0/18', '{}', 1)"),
                new Attempt(
                        "block_inside_interface_block",
                        "INSERT INTO block VALUES (1, 1, '192.168.64.0/24', '192.168.0.0/18', '{}', 1)"),
                new Attempt(
                        "block_family_unique",
                        "INSERT INTO block VALUES (1, 1, '192.168.5.0/24', '192.168.0.0/18', '{}', 1)"),
                new Attempt("block_capacity_not_negative", "UPDATE block SET capacity = -1"),
                new Attempt("unplaced_unique", "INSERT INTO unplaced VALUES (1, 1, 'eth9', 'full')"),
                new Attempt("journal_pk", again("journal", "node_id, store_id", "1, 'other'")),
                new Attempt("journal_store_unique", "INSERT INTO journal (node_id, store_id) VALUES (1, 's')"),
                new Attempt("journal_stored_through_not_negative", "UPDATE journal SET stored_through = -1"),
                new Attempt(
                        "lineage_is_one_row",
                        "INSERT INTO lineage (system_identifier, timeline) VALUES (1, '00000001')"),
                new Attempt(
                        "lineage_only_row",
                        "INSERT INTO lineage (only_row, system_identifier, timeline) VALUES (false, 1, '00000001')"),
                new Attempt("lineage_generation_positive", "UPDATE lineage SET generation = 0"),
                new Attempt(
                        "lineage_ended_after_since",
                        "UPDATE lineage SET since = now(), ended = now() - interval '1 s'"),
                new Attempt("stated_block_once", """
                        INSERT INTO stated_block VALUES ('uid-9', 'node9', 'lost', 3, 'eth2', '10.0.2.0/24', 1, 7,
                                                         '192.168.0.0/18', '192.168.7.0/24', 'unknown', now())"""),
                new Attempt(
                        "stated_block_inside_interface_block",
                        "UPDATE stated_block SET interface_block = '192.168.64.0/18'"),
                new Attempt("session_node_unique", "INSERT INTO session VALUES (1, 1, 2, now())"),
                new Attempt("session_epoch_positive", "UPDATE session SET epoch = 0"),
                new Attempt("session_plan_revision_not_negative", "UPDATE session SET plan_revision = -1"),
                new Attempt(
                        "allocation_pk",
                        ALLOCATION
                                .formatted("192.168.0.6", "[2026-11-24 08:00+00,)", "9")
                                .replace("(network_id", "(id, network_id")
                                .replace("VALUES (1", "OVERRIDING SYSTEM VALUE VALUES (1, 1")),
                new Attempt(
                        "one_holder_of_an_address_at_a_time",
                        ALLOCATION.formatted("192.168.0.4", "[2026-11-24 08:30+00,)", "9")),
                new Attempt(
                        "one_holder_of_an_address_at_a_time",
                        ALLOCATION.formatted(
                                "192.168.0.4", "[2026-11-24 07:00+00,2026-11-24 08:00:00.000001+00)", "9")),
                new Attempt(
                        "one_holder_of_an_address_at_a_time",
                        ALLOCATION.formatted("192.168.0.5", "[2026-11-24 08:59+00,2026-11-24 08:59:30+00)", "9")),
                new Attempt(
                        "allocation_event_stored_once",
                        ALLOCATION.formatted("192.168.0.6", "[2026-11-24 08:00+00,)", "1")),
                new Attempt("allocation_held_from_a_moment", ALLOCATION.formatted("192.168.0.6", "empty", "9")),
                new Attempt("allocation_held_from_a_moment", ALLOCATION.formatted("192.168.0.6", "(,)", "9")),
                new Attempt(
                        "allocation_address_is_one_host",
                        ALLOCATION.formatted("192.168.0.6/24", "[2026-11-24 08:00+00,)", "9")),
                new Attempt(
                        "one_holder_of_an_address_at_a_time_ever",
                        ALLOCATION.formatted("192.168.0.8", "[2026-10-31 08:59+00,2026-11-01 00:00+00)", "9")),
                new Attempt(
                        "one_holder_of_an_address_at_a_time_ever",
                        ALLOCATION.formatted("192.168.0.8", "[2026-10-30 08:30+00,2026-12-01 00:00+00)", "9")),
                new Attempt("one_holder_of_an_address_at_a_time_ever", """
                        UPDATE allocation SET address = '192.168.0.8', held = '[2026-10-31 00:00+00,)'
                        WHERE address = '192.168.0.4' AND upper_inf(held)"""),
                new Attempt(
                        "allocation_past_rest_pk",
                        PAST.formatted("1", "192.168.0.9", "[2026-10-30 08:00+00,2026-10-31 09:00+00)", "22")),
                new Attempt(
                        "allocation_past_rest_event_stored_once",
                        PAST.formatted("2", "192.168.0.9", "[2026-10-30 08:00+00,2026-10-31 09:00+00)", "21")),
                new Attempt(
                        "allocation_past_rest_one_holder_at_a_time",
                        PAST.formatted("2", "192.168.0.8", "[2026-10-31 08:59+00,2026-10-31 10:00+00)", "22")),
                new Attempt(
                        "allocation_past_ended_at_is_the_end",
                        PAST.replace("upper(held)", "lower(held)")
                                .formatted("2", "192.168.0.9", "[2026-10-30 08:00+00,2026-10-31 09:00+00)", "22")),
                new Attempt(
                        "allocation_past_horizon_is_one_row",
                        "INSERT INTO allocation_past_horizon (ended_before) VALUES (now())"),
                new Attempt(
                        "allocation_past_horizon_only_row",
                        "INSERT INTO allocation_past_horizon (only_row, ended_before) VALUES (false, now())"),
                new Attempt(
                        "conflict_pk",
                        again(
                                "conflict",
                                "kind, network_id, node_id, address, at, nic, pod_namespace, pod_name, pod_uid,"
                                        + " container_id, if_name, pod_interface, journal_id, sequence",
                                "'NOT_HELD', 1, 1, '192.168.0.9', now(), '', '', '', '', '', '', '', 1, 6")),
                new Attempt(
                        "plan_change_pk",
                        again(
                                "plan_change",
                                "revision, network_id, interface_index, block, node",
                                "2, 1, 0, '192.168.0.0/24', 'node1'")),
                new Attempt(
                        "plan_change_horizon_is_one_row",
                        "INSERT INTO plan_change_horizon (revision, history) VALUES (1, 'h')"),
                new Attempt(
                        "plan_change_horizon_only_row",
                        "INSERT INTO plan_change_horizon (only_row, revision, history) VALUES (false, 1, 'h')"),
                new Attempt("conflict_event_stored_once", """
                        INSERT INTO conflict (kind, network_id, node_id, address, at, nic, pod_namespace, pod_name,
                                              pod_uid, container_id, if_name, pod_interface, journal_id, sequence)
                        VALUES ('NOT_HELD', 1, 1, '192.168.0.9', now(), '', '', '', '', '', '', '', 1, 5)"""),
                new Attempt("audit_event_rest_pkey", """
                        INSERT INTO audit_event (id, at, caller, action, details)
                        VALUES (1, '2026-11-24 08:00+00', 'you', 'NODE_RETIRED', '{}')"""),
                new Attempt(
                        "reservation_pk",
                        again(
                                "reservation",
                                "network_id, first, last, reason, owner, created_by",
                                "1, '192.168.9.0', '192.168.9.0', 'r', 'o', 'c'")),
                reservation("reservations_of_a_network_do_not_overlap", "192.168.0.31", "192.168.0.40"),
                reservation("reservations_of_a_network_do_not_overlap", "192.168.0.20", "192.168.0.20"),
                reservation("reservations_of_a_network_do_not_overlap", "192.168.0.0", "192.168.255.255"),
                reservation("reservations_of_a_network_do_not_overlap", "fd00:10::", "fd00:10::10"),
                reservation("reservation_ends_are_hosts", "192.168.7.0/24", "192.168.7.255/24"),
                reservation("reservation_is_of_one_family", "192.168.7.0", "fd00:10::ff"),
                new Attempt("conflict_kind_known", "UPDATE conflict SET kind = 'OTHER'"));
    }

    /// Inserts a second row with id 1.
    private static String again(String table, String columns, String values) {
        return "INSERT INTO " + table + " (id, " + columns + ") OVERRIDING SYSTEM VALUE VALUES (1, " + values + ")";
    }

    private static Attempt reservation(String constraint, String first, String last) {
        return new Attempt(constraint, RESERVATION.formatted(1, first, last));
    }

    @ParameterizedTest
    @MethodSource("attempts")
    void constraintRefusesViolation(Attempt attempt) {
        assertThatThrownBy(() -> DATABASE.execute(attempt.statement()))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("\"" + attempt.constraint() + "\"");
    }

    /// All constraints in PostgreSQL's catalogues: constraints, unique indexes without one, and triggers that raise an
    /// error in the name of one. The constraints of a partitioned table are those of its partitions.
    private static final String FORBIDDEN = """
            SELECT conname FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
            WHERE connamespace = 'public'::regnamespace AND relname <> 'flyway_schema_history'
              AND (contype IN ('p', 'u', 'x') AND relkind = 'r' OR contype = 'c' AND coninhcount = 0)
            UNION
            SELECT index.relname FROM pg_index JOIN pg_class AS index ON index.oid = indexrelid
            WHERE indisunique AND index.relnamespace = 'public'::regnamespace AND index.relkind = 'i'
              AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
            UNION
            SELECT (regexp_match(prosrc, 'CONSTRAINT = ''([^'']+)'))[1] FROM pg_proc
            WHERE pronamespace = 'public'::regnamespace AND prosrc LIKE '%RAISE EXCEPTION%'
            """;

    @Test
    void everyConstraintHasAnAttempt() throws SQLException {
        var forbidden = new TreeSet<String>();
        try (var connection = DATABASE.connect();
                var statement = connection.createStatement();
                var result = statement.executeQuery(FORBIDDEN)) {
            while (result.next()) {
                forbidden.add(result.getString(1));
            }
        }
        var tried = new TreeSet<String>();
        attempts().forEach(attempt -> tried.add(attempt.constraint()));
        assertThat(tried).isEqualTo(forbidden);
    }

    @Test
    void takenRangesFollowEveryStatement() throws SQLException {
        for (String statement : List.of(
                """
                INSERT INTO interface_index (id, network_id, index, master_net, blocks, revision)
                OVERRIDING SYSTEM VALUE
                VALUES (50, 2, 0, '10.8.0.0/24', '{}', 1), (51, 2, 1, '10.9.0.0/24', '{}', 1)""",
                """
                INSERT INTO host_index (interface_index_id, node_id, nic, index, present)
                SELECT of, 2, 'eth' || of || i, i, true FROM generate_series(50, 51) AS of, generate_series(0, 9) AS i""",
                "DELETE FROM host_index WHERE interface_index_id = 50 AND index IN (0, 3, 4, 9)",
                "UPDATE host_index SET index = index + 100 WHERE interface_index_id = 50 AND index IN (5, 6)",
                "UPDATE host_index SET index = -index + 111 WHERE interface_index_id = 50 AND index IN (105, 106)",
                "UPDATE host_index SET interface_index_id = 51, index = 20 WHERE interface_index_id = 50 AND index = 1",
                "DELETE FROM host_index WHERE interface_index_id = 51",
                "INSERT INTO host_index (interface_index_id, node_id, nic, index, present)"
                        + " VALUES (51, 2, 'eth1', 2147483646, true)")) {
            DATABASE.execute(statement);
            assertThat(DATABASE.count("""
                            SELECT count(*) FROM interface_index WHERE taken IS DISTINCT FROM coalesce(
                                (SELECT range_agg(int4range(index, index, '[]')) FROM host_index
                                 WHERE interface_index_id = interface_index.id), '{}')""")).as(statement).isZero();
        }
        assertThat(DATABASE.count("SELECT count(*) FROM interface_index, unnest(taken) WHERE id = 50"))
                .as("2, 5 to 6, 7 to 8")
                .isEqualTo(2);
    }

    /// Valid statements similar to the attempts, so that no attempt fails for another reason than its constraint.
    @ParameterizedTest
    @MethodSource("allowed")
    void validStatementIsAllowed(String statement) throws SQLException {
        DATABASE.execute(statement);
    }

    static Stream<String> allowed() {
        return Stream.of(
                "INSERT INTO network_subnet VALUES (2, '192.169.0.0/16')",
                RESERVATION.formatted(1, "192.168.0.32", "192.168.0.40"),
                RESERVATION.formatted(2, "192.168.0.16", "192.168.0.31"),
                RESERVATION.formatted(1, "192.168.0.15", "192.168.0.15"),
                "INSERT INTO journal (node_id, store_id) VALUES (1, 'ended')",
                "UPDATE conflict SET kind = 'RELEASED'",
                "INSERT INTO audit_event (at, caller, action, details) VALUES ('1999-01-01', 'me', 'X', '{}')",
                "INSERT INTO node (uid, name, current) VALUES ('uid-3', 'node1', false)",
                "INSERT INTO host_address VALUES (2, 'eth1', '10.0.1.1'), (1, 'eth1', 'fd00::1')",
                "INSERT INTO block VALUES (1, 1, 'fd00:10::/64', 'fd00:10::/58', '{}', 1)",
                "INSERT INTO host_index (interface_index_id, node_id, nic, index, present)"
                        + " VALUES (1, 1, 'eth2', 1, true)",
                PAST.formatted("3", "192.168.0.8", "[2026-10-31 09:00+00,2026-10-31 10:00+00)", "23"),
                ALLOCATION.formatted("192.168.0.8", "[2026-10-30 07:00+00,2026-10-30 08:00+00)", "24"),
                ALLOCATION.formatted("192.168.0.7", "[2026-11-24 08:00+00,)", "10"),
                ALLOCATION.formatted("fd00:10::4", "[2026-11-24 08:00+00,)", "NULL"),
                ALLOCATION.formatted("192.168.0.4", "[2026-11-24 07:00+00,2026-11-24 08:00+00)", "NULL"));
    }
}
