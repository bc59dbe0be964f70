package io.multinic.ipam.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.AllocationInterval;
import io.multinic.contract.wire.AuditPage;
import io.multinic.contract.wire.LedgerBatch;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.LedgerReceipt;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NetworkPlan;
import io.multinic.contract.wire.NetworkState;
import io.multinic.contract.wire.NicBlock;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.PodRef;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import io.multinic.ipam.service.ledger.Retention;
import io.multinic.ipam.support.Rest;
import io.multinic.ipam.support.Samples;
import io.multinic.ipam.support.TestPostgres;
import io.multinic.ipam.support.TestPostgres.Database;
import io.multinic.ipam.support.TestService;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationVersion;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Migration of filled databases from every schema version to the newest one.
///
/// A database of version n has been through all earlier versions: `src/test/resources/filled/Vn.sql` runs at version n
/// and fills what that version added. The versions are those that Flyway finds.
class MigrationIT {
    static Stream<MigrationVersion> versions() {
        return Arrays.stream(flyway(TestPostgres.newEmptyDatabase(), MigrationVersion.LATEST)
                        .info()
                        .all())
                .map(MigrationInfo::getVersion);
    }

    private static Flyway flyway(Database database, MigrationVersion target) {
        return Flyway.configure()
                .dataSource(database.url(), database.user(), database.password())
                .target(target)
                .load();
    }

    private static Database filledUpTo(MigrationVersion newest) throws SQLException, IOException {
        Database database = TestPostgres.newEmptyDatabase();
        for (MigrationVersion version : versions().toList()) {
            if (!version.isNewerThan(newest)) {
                flyway(database, version).migrate();
                database.execute(filled(version));
            }
        }
        return database;
    }

    private static String filled(MigrationVersion version) throws IOException {
        String file = "/filled/V" + version + ".sql";
        try (var in = MigrationIT.class.getResourceAsStream(file)) {
            assertThat(in)
                    .as(
                            "src/test/resources%s is missing: db/migration has a version %s. Put statements there that"
                                    + " fill what it adds or changes, as the service of that version writes it",
                            file, version)
                    .isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /// The holder of an address at a time inside the interval.
    private record Held(String address, String at, String container) {}

    private static List<Held> held(Database database, String condition) throws SQLException {
        boolean moved = database.count("SELECT count(*) FROM pg_class WHERE relname = 'allocation_past'") > 0;
        var held = new ArrayList<Held>();
        try (var connection = database.connect();
                var statement = connection.createStatement();
                var rows = statement.executeQuery(
                        """
                        SELECT host(address), container_id, to_char((lower(held) + interval '1 second')
                               AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') FROM\s""" + (moved ? "ledger_interval" : "allocation") + " WHERE " + condition + " ORDER BY id")) {
            while (rows.next()) {
                held.add(new Held(rows.getString(1), rows.getString(3), rows.getString(2)));
            }
        }
        return held;
    }

    /// Row counts of all tables with rows; the two tables of the ledger are added up.
    private static Map<String, Long> counts(Database database) throws SQLException {
        Map<String, Long> counts = new TreeMap<>();
        var tables = new ArrayList<String>();
        try (var connection = database.connect();
                var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT relname FROM pg_class WHERE relkind IN ('r', 'p')"
                        + " AND NOT relispartition AND relnamespace = 'public'::regnamespace"
                        + " AND relname <> 'flyway_schema_history'")) {
            while (rows.next()) {
                tables.add(rows.getString(1));
            }
        }
        for (String table : tables) {
            counts.merge(
                    table.equals("allocation_past") ? "allocation" : table,
                    database.count("SELECT count(*) FROM " + table),
                    Long::sum);
        }
        counts.values().removeIf(count -> count == 0);
        return counts;
    }

    @ParameterizedTest
    @MethodSource("versions")
    void filledDatabaseOfAnyVersionIsMigratedAndServed(MigrationVersion version) throws SQLException, IOException {
        Database database = filledUpTo(version);
        var before = counts(database);
        var open = held(database, "upper_inf(held)");
        var ended = held(database, "NOT upper_inf(held) AND id % 5 = 1");
        assertThat(open).hasSize(150);
        assertThat(ended).hasSizeGreaterThan(80);
        try (var service = TestService.on(database)) {
            assertThat(counts(database)).containsAllEntriesOf(before);
            var cluster = new Cluster(service.rest());
            cluster.showsHolders(open, ended);
            cluster.keepsItsPlan();
            cluster.acceptsEvents();
            cluster.plansJoiningNode();
            service.bean(Retention.class).run();
            cluster.showsHolders(List.of(), ended);
        }
    }

    /// The cluster as users and agents see it.
    private record Cluster(Rest rest) {
        void showsHolders(List<Held> open, List<Held> ended) {
            Stream.concat(open.stream(), ended.stream())
                    .forEach(held -> assertThat(items("addresses/" + held.address() + "?at=" + held.at()))
                            .extracting(interval -> interval.allocation().containerId())
                            .as("%s at %s", held.address(), held.at())
                            .containsExactly(held.container()));
            if (!open.isEmpty()) {
                assertThat(items("audit?open=true&limit=1000"))
                        .extracting(interval -> interval.allocation().containerId())
                        .containsExactlyInAnyOrderElementsOf(
                                open.stream().map(Held::container).toList());
            }
            assertThat(items("pods/ns-1/pod-2-1-2/addresses")).hasSize(1);
            assertThat(items("audit?network=gone")).hasSize(1);
        }

        private List<AllocationInterval> items(String query) {
            return rest.get("/api/v1/" + query).as(AuditPage.class).items();
        }

        private List<NicBlock> blocks(String node) {
            return rest.get("/api/v1/nodes/" + node + "/plan").as(NodePlan.class).networks().stream()
                    .map(NetworkPlan::blocks)
                    .flatMap(List::stream)
                    .toList();
        }

        void keepsItsPlan() {
            var blocks = blocks("node3");
            assertThat(blocks)
                    .extracting(block -> block.podBlock().toString())
                    .containsExactlyInAnyOrder(
                            "192.168.2.0/24", "192.168.66.0/24", "10.64.16.0/21", "fd00:10:0:10::/61");
            assertThat(rest.put("/api/v1/nodes/node3", Samples.node(3)).status())
                    .isEqualTo(204);
            for (String network : List.of("alpha", "beta")) {
                NetworkDefinition same = rest.get("/api/v1/networks/" + network)
                        .as(NetworkState.class)
                        .network();
                assertThat(rest.put("/api/v1/networks/" + network, same).status())
                        .isEqualTo(200);
            }
            assertThat(blocks("node3")).containsExactlyInAnyOrderElementsOf(blocks);
            assertThat(rest.get("/api/v1/nodes?superseded=true").response().body())
                    .contains("uid-2-old", "uid-2", "uid-1");
        }

        void acceptsEvents() {
            var grant = rest.post(
                            "/api/v1/nodes/node1/session", new SessionRequest("uid-1", "store-1", 1000L, List.of()))
                    .as(SessionGrant.class);
            assertThat(grant.storedThrough()).isEqualTo(1000);
            assertThat(grant.restore()).isEmpty();
            Allocation held = items("addresses/192.168.0.11?at=" + Instant.now())
                    .getFirst()
                    .allocation();
            var fresh = new Allocation(
                    "alpha", held.address(), "eth1", new PodRef("default", "new", ""), "c-new", "net1", "net1-0");
            var batch = new LedgerBatch(
                    "uid-1",
                    grant.epoch(),
                    List.of(
                            new LedgerEvent(1001, LedgerEvent.Type.FREED, Instant.now(), held),
                            new LedgerEvent(1002, LedgerEvent.Type.ALLOCATED, Instant.now(), fresh)));
            assertThat(rest.post("/api/v1/nodes/node1/ledger", batch)
                            .as(LedgerReceipt.class)
                            .storedThrough())
                    .isEqualTo(1002);
            assertThat(items("addresses/192.168.0.11?at=" + Instant.now().plusSeconds(1)))
                    .extracting(AllocationInterval::allocation)
                    .containsExactly(fresh);
        }

        void plansJoiningNode() {
            assertThat(rest.put("/api/v1/nodes/node8", Samples.node(8)).status())
                    .isEqualTo(204);
            Set<String> others = new HashSet<>();
            for (String node : List.of("node1", "node2", "node3")) {
                blocks(node).forEach(block -> others.add(block.podBlock().toString()));
            }
            assertThat(blocks("node8"))
                    .hasSize(4)
                    .extracting(block -> block.podBlock().toString())
                    .doesNotContainAnyElementsOf(others)
                    .as("blocks of the superseded node")
                    .doesNotContain("192.168.1.0/24", "192.168.65.0/24");
        }
    }
}
