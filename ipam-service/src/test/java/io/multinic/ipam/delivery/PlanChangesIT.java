package io.multinic.ipam.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NetworkPlan;
import io.multinic.contract.wire.Nic;
import io.multinic.contract.wire.NodeInventory;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.PlanUpdate;
import io.multinic.ipam.support.Rest;
import io.multinic.ipam.support.Samples;
import io.multinic.ipam.support.TestService;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Plan changes that agents apply, compared with the whole plan.
class PlanChangesIT {
    private static final int NODES = 6;
    private static final int STEPS = 60;

    /// A network in host-subnet mode, where nodes change the blocks of other nodes.
    private static final NetworkDefinition SHARED =
            new NetworkDefinition("shared", List.of(), List.of(), 0, 5, List.of(), true);

    private final Rest rest = TestService.shared().rest();
    private final Map<Integer, KnownPlan> agents = new HashMap<>();
    private int changes;
    private long hostsInBlocks;

    @BeforeEach
    void empty() throws SQLException {
        TestService.sharedDatabase().clear();
    }

    /// The plan that an agent knows.
    private record KnownPlan(String history, NodePlan plan) {}

    private Rest.Answer ask(int node, @Nullable KnownPlan knows, int wait) {
        return rest.get(path(node, knows, wait));
    }

    private static String path(int node, @Nullable KnownPlan knows, int wait) {
        return "/api/v1/nodes/node" + node + "/plan/changes?wait=" + wait
                + (knows == null ? "" : "&after=" + knows.plan().revision() + "&history=" + knows.history());
    }

    private NodePlan wholePlan(int node) {
        return rest.get("/api/v1/nodes/node" + node + "/plan").as(NodePlan.class);
    }

    /// Polls for the agent of the node and applies the answer.
    private void hear(int node) {
        KnownPlan knows = agents.get(node);
        Rest.Answer answer = ask(node, knows, 0);
        if (answer.status() == 204) {
            return;
        }
        if (answer.status() == 404) {
            agents.remove(node);
            return;
        }
        take(node, answer.as(PlanUpdate.class));
    }

    private void take(int node, PlanUpdate update) {
        KnownPlan knows = agents.get(node);
        NodePlan whole = update.plan();
        if (whole == null) {
            changes++;
            whole = Objects.requireNonNull(knows).plan().with(Objects.requireNonNull(update.change()));
        }
        hostsInBlocks += whole.networks().stream()
                .filter(network -> network.network().dividesNicNetworks())
                .flatMap(network -> network.peers().stream())
                .filter(peer -> !peer.excluded().isEmpty())
                .count();
        agents.put(node, new KnownPlan(update.history(), whole));
    }

    static LongStream seeds() {
        return LongStream.range(0, Math.max(3, Long.getLong("seeds", 0) / 50));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void changesAddUpToTheWholePlan(long seed) throws SQLException {
        var random = new Random(seed);
        rest.put("/api/v1/networks/net", Samples.network("net"));
        rest.put("/api/v1/networks/shared", SHARED);
        for (int step = 0; step < STEPS; step++) {
            String done = change(random);
            for (int node = 1; node <= NODES; node++) {
                if (random.nextInt(3) > 0) {
                    continue;
                }
                hear(node);
                KnownPlan knows = agents.get(node);
                if (knows != null) {
                    assertThat(knows.plan())
                            .as("seed " + seed + ", step " + step + ", node" + node + " after " + done)
                            .isEqualTo(wholePlan(node));
                }
            }
        }
        assertThat(changes).as("answers with changes only").isGreaterThan(10);
        assertThat(hostsInBlocks)
                .as("plans with host addresses in blocks of other nodes")
                .isPositive();
    }

    private String change(Random random) {
        int node = 1 + random.nextInt(NODES);
        String uid = "uid-" + node + (random.nextInt(8) == 0 ? "-replaced" : "");
        String path = "/api/v1/nodes/node" + node;
        switch (random.nextInt(12)) {
            case 0 -> rest.delete(path + "?uid=uid-" + node);
            case 1 -> rest.delete(path);
            case 2 -> rest.delete("/api/v1/networks/" + (random.nextBoolean() ? "two" : "shared"));
            case 3 -> {
                rest.put("/api/v1/networks/two", Samples.network("two", "172.16.0.0/16", 6));
                rest.put("/api/v1/networks/shared", SHARED);
            }
            case 4 -> {
                String exclude = "192.168." + random.nextInt(128) + ".0/" + (24 + random.nextInt(4));
                rest.put("/api/v1/networks/net", Samples.network("net", "192.168.0.0/16", 6, exclude));
                return "exclude " + exclude;
            }
            default -> {
                var nics = new ArrayList<Nic>();
                for (int fabric = 1; fabric <= 3; fabric++) {
                    if (random.nextInt(4) > 0) {
                        int host = node + 10 * random.nextInt(3);
                        nics.add(Samples.nic("eth" + fabric, "10.0." + fabric + "." + host + "/24"));
                    }
                }
                rest.put(path, new NodeInventory(uid, nics));
                return "node" + node + " has " + nics;
            }
        }
        return "removal or definition";
    }

    @Test
    void joiningNodeCostsOtherNodesOneSmallMessage() throws InterruptedException {
        rest.put("/api/v1/networks/net", Samples.network("net"));
        for (int node = 1; node <= 3; node++) {
            rest.put("/api/v1/nodes/node" + node, Samples.node(node));
        }
        hear(1);
        var waiting = rest.getLater(path(1, agents.get(1), 30));
        var polls = TestService.shared().bean(PlanPolls.class);
        for (int i = 0; polls.waiting() == 0; i++) {
            assertThat(i).as("waiting poll").isLessThan(500);
            Thread.sleep(10);
        }
        rest.put("/api/v1/nodes/node4", Samples.node(4));
        var update = waiting.orTimeout(20, TimeUnit.SECONDS).join().as(PlanUpdate.class);
        var change = Objects.requireNonNull(update.change());
        assertThat(change.networks()).isEmpty();
        assertThat(change.peers()).hasSize(2).allMatch(peer -> peer.node().equals("node4"));
        take(1, update);
        assertThat(agents.get(1).plan()).isEqualTo(wholePlan(1));
    }

    /// The node has the same blocks and excludes as before.
    @Test
    void peersOfNodeThatRegainsItsNameHaveItsExcludes() {
        rest.put("/api/v1/networks/net", Samples.network("net", "192.168.0.0/16", 6, "192.168.0.16/28"));
        rest.put("/api/v1/nodes/node1", Samples.node(1));
        rest.put("/api/v1/nodes/node2", Samples.node(2));
        hear(2);
        rest.put(
                "/api/v1/nodes/node1",
                new NodeInventory("uid-1-replaced", Samples.node(1).nics()));
        hear(2);
        rest.put("/api/v1/nodes/node1", Samples.node(1));
        hear(2);
        assertThat(changes).as("answers with changes only").isEqualTo(2);
        assertThat(agents.get(2).plan()).isEqualTo(wholePlan(2));
        assertThat(wholePlan(2).networks().getFirst().peers())
                .anyMatch(peer -> !peer.excluded().isEmpty());
    }

    @Test
    void pollWithUnknownIncarnationOrOldRevisionGetsTheWholePlan() throws SQLException {
        rest.put("/api/v1/networks/net", Samples.network("net"));
        rest.put("/api/v1/nodes/node1", Samples.node(1));
        rest.put("/api/v1/nodes/node2", Samples.node(2));
        hear(1);
        KnownPlan knows = agents.get(1);
        assertThat(ask(1, knows, 0).status()).isEqualTo(204);
        assertThat(ask(1, new KnownPlan("another", knows.plan()), 0)
                        .as(PlanUpdate.class)
                        .plan())
                .as("the same revision of another database")
                .isEqualTo(knows.plan());
        rest.put("/api/v1/nodes/node3", Samples.node(3));
        assertThat(ask(1, knows, 0).as(PlanUpdate.class).change()).isNotNull();
        try (var connection = TestService.sharedDatabase().connect();
                var statement = connection.createStatement()) {
            statement.execute("UPDATE plan_change_horizon SET revision = (SELECT max(revision) FROM plan_change)");
        }
        assertThat(ask(1, knows, 0).as(PlanUpdate.class).plan()).isEqualTo(wholePlan(1));
    }

    @Test
    void unknownNodeIsAnError() {
        assertThat(ask(7, null, 30).code()).isEqualTo("NODE_UNKNOWN");
        var plan = new NodePlan("node7", "uid-7", 1, List.<NetworkPlan>of());
        assertThat(ask(7, new KnownPlan("any", plan), 30).code()).isEqualTo("NODE_UNKNOWN");
    }
}
