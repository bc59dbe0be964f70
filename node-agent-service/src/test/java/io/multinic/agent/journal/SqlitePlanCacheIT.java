package io.multinic.agent.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.plan.KnownPlan;
import io.multinic.agent.plan.PlanCache;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NetworkPlan;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.PeerBlock;
import io.multinic.contract.wire.PeerChange;
import io.multinic.contract.wire.PlanChange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The stored plan in a real SQLite file.
final class SqlitePlanCacheIT {
    private static final int PEERS = 20_000;

    @TempDir
    private Path directory;

    private SqliteJournal journal;

    @BeforeEach
    void open() {
        journal = SqliteJournal.open(directory.resolve("journal.db"));
    }

    @AfterEach
    void close() {
        journal.close();
    }

    private PlanCache cache() {
        return journal.plans();
    }

    private void reopen() {
        close();
        open();
    }

    private static NetworkDefinition definition(String name) {
        return new NetworkDefinition(name, List.of(Cidr.parse("10.0.0.0/8")), List.of(), 0, 16, List.of(), true);
    }

    private static Cidr block(int number) {
        return new Cidr(IpAddress.parse("10.0.0.0").plus(number, 8), 24);
    }

    private static PeerBlock peer(int number) {
        return new PeerBlock(
                "node" + number / 8,
                number % 8,
                block(number),
                IpAddress.parse("172.16.0.0").plus(number));
    }

    private static NetworkPlan network(String name, int number, int peers) {
        var blocks = new ArrayList<PeerBlock>();
        for (int i = 0; i < peers; i++) {
            blocks.add(peer(i));
        }
        return new NetworkPlan(definition(name), number, List.of(), blocks);
    }

    private static NodePlan plan(long revision, NetworkPlan... networks) {
        return new NodePlan("node", "uid", revision, List.of(networks));
    }

    private KnownPlan change(KnownPlan known, PlanChange change) {
        var next = known.followedBy(known.plan().with(change), known.history());
        cache().save(next, change);
        return next;
    }

    @Test
    void changeOfOneNodeWritesAFewPages() throws IOException {
        var known = KnownPlan.first(plan(1, network("a", 0, PEERS)), "history");
        cache().save(known);
        reopen(); // empties the log
        long before = size("plan.db-wal");

        var moved = new PeerChange("a", 3, "node9", block(77), IpAddress.parse("172.31.0.1"));
        var next = change(known, new PlanChange(1, 2, List.of(), List.of(), List.of(moved)));

        assertThat(size("plan.db-wal") - before).isBetween(1L, 100_000L);
        assertThat(size("plan.db")).isGreaterThan(500_000);
        reopen();
        assertThat(cache().load()).contains(next);
    }

    private long size(String file) throws IOException {
        Path path = directory.resolve(file);
        return Files.exists(path) ? Files.size(path) : 0;
    }

    @Test
    void storedPlanFollowsRandomChanges() {
        var random = new Random(1);
        var known = KnownPlan.first(plan(1, network("a", 0, 30), network("b", 1, 5)), "history");
        cache().save(known);
        for (int step = 2; step < 60; step++) {
            var peers = new TreeMap<String, PeerChange>();
            for (int i = random.nextInt(5); i > 0; i--) {
                String network = random.nextBoolean() ? "a" : "b";
                int number = random.nextInt(40);
                IpAddress via =
                        random.nextInt(3) == 0 ? null : peer(random.nextInt(90)).via();
                var excluded = via == null || random.nextInt(3) > 0
                        ? List.<Cidr>of()
                        : List.of(new Cidr(block(number).network().plus(7), 32));
                peers.put(network + number, new PeerChange(network, 1, "node" + step, block(number), via, excluded));
            }
            boolean edit = random.nextInt(4) == 0;
            boolean remove = random.nextInt(8) == 0;
            var change = new PlanChange(
                    step - 1,
                    step,
                    edit ? List.of(new NetworkPlan(definition("b"), 1, List.of(), List.of())) : List.of(),
                    remove ? List.of("b") : List.of(),
                    List.copyOf(peers.values()));
            known = change(known, change);
            if (step % 10 == 0) {
                reopen();
            }
            assertThat(cache().load()).as("step %s", step).contains(known);
        }
        assertThat(cache().loadWithoutPeers().orElseThrow().statement()).isEqualTo(known.statement());
    }

    @Test
    void changeOfAnotherRevisionStoresTheWholePlan() {
        cache().save(KnownPlan.first(plan(1, network("a", 0, 3)), "history"));
        var next = KnownPlan.first(plan(9, network("a", 0, 5)), "history");
        cache().save(next, new PlanChange(8, 9, List.of(), List.of(), List.of()));
        assertThat(cache().load()).contains(next);
    }

    @Test
    void damagedFileIsReplaced() throws IOException {
        cache().save(KnownPlan.first(plan(1, network("a", 0, 3)), "history"));
        close();
        Files.writeString(directory.resolve("plan.db"), "this is no database ".repeat(1_000));
        open();
        assertThat(cache().load()).isEmpty();
        var known = KnownPlan.first(plan(2, network("a", 0, 3)), "history");
        cache().save(known);
        reopen();
        assertThat(cache().load()).contains(known);
    }
}
