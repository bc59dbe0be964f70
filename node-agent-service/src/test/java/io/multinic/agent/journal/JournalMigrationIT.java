package io.multinic.agent.journal;

import static io.multinic.agent.address.AddressFixtures.NOON;
import static io.multinic.agent.address.AddressFixtures.block;
import static io.multinic.agent.address.AddressFixtures.request;
import static io.multinic.agent.journal.JournalFixtures.intent;
import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.journal.BeginResult.Recorded;
import io.multinic.agent.nic.MovedNic;
import io.multinic.agent.plan.KnownPlan;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.PeerBlock;
import io.multinic.contract.wire.PlanChange;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Journals of earlier agents are opened by this one.
class JournalMigrationIT {
    @TempDir
    private Path directory;

    /// Creates a journal as an earlier agent left it.
    private SqliteJournal journal(int steps, String... statements) throws SQLException {
        var path = directory.resolve("journal.db");
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + path);
                var session = new SqliteSession(connection, "BEGIN IMMEDIATE")) {
            JournalSchema.migrate(session, steps);
            for (String statement : statements) {
                session.update(statement);
            }
        }
        return SqliteJournal.open(path);
    }

    @Test
    void planOfAnEarlierAgentHasNoHistory() throws SQLException {
        String body = "{\"node\": \"node\", \"nodeUid\": \"uid\", \"revision\": 7, \"networks\": []}";
        try (var journal = journal(1, "INSERT INTO plan (only, body) VALUES (1, '" + body + "')")) {
            var known = journal.plans().load().orElseThrow();
            assertThat(known.plan()).isEqualTo(new NodePlan("node", "uid", 7, List.of()));
            assertThat(known.history()).isEmpty();
            assertThat(known.absent()).isEmpty();
        }
    }

    @Test
    void planInAnEarlierJournalIsMovedToItsOwnFile() throws SQLException {
        String body = """
                {"node": "node", "nodeUid": "uid", "revision": 7, "networks": [{
                "network": {"name": "net", "subnets": ["10.0.0.0/24"], "masterNets": [], "interfaceBlock": 0,
                "hostBlock": 4, "excludes": [], "hostRoutes": true}, "number": 0, "peers": [{
                "node": "other", "interfaceIndex": 0, "podBlock": "10.0.0.16/28", "via": "10.0.1.2"}], "blocks": [{
                "nic": "eth1", "masterNet": "10.0.1.0/24", "interfaceIndex": 0, "hostIndex": 0,
                "interfaceBlock": "10.0.0.0/24", "podBlock": "10.0.0.0/28", "excluded": []}]}]}""";
        KnownPlan moved;
        try (var journal = journal(4, "INSERT INTO plan (only, body, history) VALUES (1, '" + body + "', 'history')")) {
            moved = journal.plans().load().orElseThrow();
        }
        var network = moved.plan().networks().getFirst();
        assertThat(moved.history()).isEqualTo("history");
        // As earlier versions of ipam-service and the agent wrote it, before reservations existed.
        assertThat(network.blocks()).containsExactly(block("eth1", "10.0.0.0/24", "10.0.0.0/28"));
        assertThat(network.peers())
                .containsExactly(new PeerBlock("other", 0, Cidr.parse("10.0.0.16/28"), IpAddress.parse("10.0.1.2")));
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("journal.db"));
                var session = new SqliteSession(connection, "BEGIN")) {
            assertThat(session.query("SELECT body FROM plan", row -> row.text(1)))
                    .isEmpty();
        }
        try (var journal = SqliteJournal.open(directory.resolve("journal.db"))) {
            assertThat(journal.plans().load()).contains(moved);
        }
    }

    @Test
    void planThatCannotBeMovedIsUsedFromTheJournal() throws Exception {
        String body = "{\"node\": \"node\", \"nodeUid\": \"uid\", \"revision\": 7, \"networks\": []}";
        Files.createDirectory(directory.resolve("plan.db"));
        var expected = new NodePlan("node", "uid", 7, List.of());
        try (var journal = journal(4, "INSERT INTO plan (only, body) VALUES (1, '" + body + "')")) {
            assertThat(journal.plans().load().orElseThrow().plan()).isEqualTo(expected);
            assertThat(journal.plans().loadWithoutPeers().orElseThrow().plan()).isEqualTo(expected);
            Files.delete(directory.resolve("plan.db"));
            var next = KnownPlan.first(new NodePlan("node", "uid", 8, List.of()), "history");
            journal.plans().save(next, new PlanChange(7, 8, List.of(), List.of(), List.of()));
            assertThat(journal.plans().load()).contains(next);
        }
        try (var journal = SqliteJournal.open(directory.resolve("journal.db"))) {
            assertThat(journal.plans().load().orElseThrow().plan().revision()).isEqualTo(8);
        }
    }

    @Test
    void heldAndFreedAddressesOfAnEarlierAgentStayHeldAndFreed() throws SQLException {
        long noon = SqliteSession.micros(NOON);
        try (var journal = journal(
                2,
                "UPDATE store SET introduced = 1",
                """
                INSERT INTO attachment (container_id, if_name, network, state, sandbox_path, sandbox_identity,
                pod_namespace, pod_name, pod_uid, fingerprint, detail, result)
                VALUES ('old', 'net1', 'net', 'ATTACHED', '/n', 'boot/1/1', 'default', 'pod', 'uid', '', '', '')""",
                """
                INSERT INTO allocation (network, address, nic, pod_interface, container_id, if_name, position)
                VALUES ('net', x'0a000010', 'eth1', 'net1-0', 'old', 'net1', 0)""",
                "INSERT INTO rest (network, address, freed_at) VALUES ('net', x'0a000011', " + noon + ")")) {
            var store = journal.allocations();
            var block = List.of(block("eth1", "10.0.0.0/24", "10.0.0.16/30"));
            assertThat(address(store.begin(intent("a"), request(NOON, block)))).isEqualTo("10.0.0.18");
            assertThat(address(store.begin(intent("b"), request(NOON, block)))).isEqualTo("10.0.0.19");
            assertThat(store.begin(intent("c"), request(NOON, block))).isInstanceOf(BeginResult.Refused.class);
            assertThat(address(store.begin(intent("c"), request(NOON.plusSeconds(30), block))))
                    .isEqualTo("10.0.0.17");
            assertThat(journal.outbox().live()).hasSize(1);
            store.detached(new AttachmentKey("old", "net1"), NOON);
            assertThat(journal.outbox().pending(10))
                    .extracting(LedgerEvent::type)
                    .containsExactly(LedgerEvent.Type.FREED);
        }
    }

    @Test
    void earlierAgentHasMovedNoNic() throws SQLException {
        try (var journal = journal(4)) {
            assertThat(journal.movedNics().all()).isEmpty();
            var moved = new MovedNic(
                    "eth2", "net1-0", "c", "net1", "", "0000:3b:00.0", "02:00:00:00:00:01", null, 1500, List.of());
            journal.movedNics().put(moved);
            journal.movedNics().put(moved);
            assertThat(journal.movedNics().all()).containsExactly(moved);
            journal.movedNics().remove("eth2");
            assertThat(journal.movedNics().all()).isEmpty();
        }
    }

    private static String address(BeginResult result) {
        return ((Recorded) result)
                .attachment()
                .allocations()
                .getFirst()
                .address()
                .toString();
    }
}
