package io.multinic.ipam.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NetworkState;
import io.multinic.contract.wire.NodeBlock;
import io.multinic.contract.wire.NodeInventory;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.NodeState;
import io.multinic.contract.wire.Page;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import io.multinic.ipam.support.Rest;
import io.multinic.ipam.support.Samples;
import io.multinic.ipam.support.TestService;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.core.type.TypeReference;

/// Networks and nodes through REST, on a real PostgreSQL.
class NetworksIT {
    private static final String NET = "/api/v1/networks/net";
    private final Rest rest = TestService.shared().rest();

    @BeforeEach
    void clear() throws SQLException {
        TestService.sharedDatabase().clear();
    }

    private NetworkState put(NetworkDefinition definition) {
        return rest.put("/api/v1/networks/" + definition.name(), definition).as(NetworkState.class);
    }

    private void putNodes(int... nodes) {
        for (int n : nodes) {
            assertThat(rest.put("/api/v1/nodes/node" + n, Samples.node(n)).status())
                    .isEqualTo(204);
        }
    }

    private NodePlan plan(int node) {
        return rest.get("/api/v1/nodes/node" + node + "/plan").as(NodePlan.class);
    }

    /// Opens a session and allocates the address on the node.
    private void allocate(int node, String address) {
        String path = "/api/v1/nodes/node" + node;
        long epoch = rest.post(path + "/session", new SessionRequest("uid-" + node, "store", null, List.of()))
                .as(SessionGrant.class)
                .epoch();
        var batch = Samples.batch(node, epoch, Samples.allocated(1, address, "c" + node));
        assertThat(rest.post(path + "/ledger", batch).status()).isEqualTo(200);
    }

    @Test
    void demoNetworkGetsTheBlocksOfTheDemo() {
        putNodes(1, 2, 3);
        var state = put(Samples.network("net"));
        assertThat(state.number()).isZero();
        assertThat(state.unplaced()).isEmpty();
        assertThat(state.interfaces())
                .extracting(NetworkState.InterfaceUse::hosts)
                .containsExactly(3, 3);
        var network = plan(2).networks().getFirst();
        assertThat(network.network()).isEqualTo(Samples.network("net"));
        assertThat(network.blocks())
                .extracting(block -> block.nic() + " " + block.podBlock() + " in " + block.interfaceBlock())
                .containsExactly("eth1 192.168.1.0/24 in 192.168.0.0/18", "eth2 192.168.65.0/24 in 192.168.64.0/18");
        assertThat(network.peers())
                .extracting(peer -> peer.node() + " " + peer.podBlock() + " via " + peer.via())
                .containsExactly(
                        "node1 192.168.0.0/24 via 10.0.1.1",
                        "node3 192.168.2.0/24 via 10.0.1.3",
                        "node1 192.168.64.0/24 via 10.0.2.1",
                        "node3 192.168.66.0/24 via 10.0.2.3");
    }

    @Test
    void nodesThatJoinLaterGetTheSameBlocks() {
        put(Samples.network("net"));
        putNodes(1, 2, 3);
        assertThat(plan(3).networks().getFirst().blocks())
                .extracting(block -> block.podBlock().toString())
                .containsExactly("192.168.2.0/24", "192.168.66.0/24");
        assertThat(rest.get(NET).as(NetworkState.class).interfaces())
                .extracting(NetworkState.InterfaceUse::hosts)
                .containsExactly(3, 3);
    }

    @Test
    void interfaceReportsPresentHostsAndTheirRevision() {
        putNodes(1, 2);
        put(Samples.network("net"));
        var onlyEth1 = new NodeInventory("uid-2", List.of(Samples.nic("eth1", "10.0.1.2/24")));
        assertThat(rest.put("/api/v1/nodes/node2", onlyEth1).status()).isEqualTo(204);
        var interfaces = rest.get(NET).as(NetworkState.class).interfaces();
        assertThat(interfaces)
                .as("the lost NIC keeps its index but does not count as a host")
                .extracting(NetworkState.InterfaceUse::hosts)
                .containsExactly(2, 1);
        assertThat(interfaces)
                .extracting(NetworkState.InterfaceUse::revision)
                .allSatisfy(revision -> assertThat(plan(1).revision()).isGreaterThanOrEqualTo(revision));
        assertThat(interfaces.getLast().revision())
                .as("a host that leaves changes the plans of the others")
                .isGreaterThan(interfaces.getFirst().revision());
    }

    @Test
    void sameDefinitionChangesNothing() {
        putNodes(1);
        var first = put(Samples.network("net"));
        long revision = plan(1).revision();
        assertThat(put(Samples.network("net"))).isEqualTo(first);
        putNodes(1);
        assertThat(plan(1).revision()).isEqualTo(revision);
    }

    @Test
    void networksKeepTheLowestFreeNumber() {
        assertThat(put(Samples.network("net")).number()).isZero();
        assertThat(put(Samples.network("two", "172.16.0.0/16", 6)).number()).isEqualTo(1);
        assertThat(rest.delete(NET).status()).isEqualTo(204);
        assertThat(put(Samples.network("three", "172.17.0.0/16", 6)).number()).isZero();
        assertThat(put(Samples.network("two", "172.16.0.0/16", 8)).number()).isEqualTo(1);
        assertThat(put(Samples.network("net")).number()).isEqualTo(2);
        assertThat(rest.get("/api/v1/networks").as(new TypeReference<List<NetworkState>>() {}))
                .extracting(state -> state.network().name())
                .containsExactly("net", "three", "two");
    }

    @Test
    void overlapWithAnotherNetworkIsRefusedByName() {
        put(Samples.network("net"));
        var answer = rest.put("/api/v1/networks/two", Samples.network("two", "192.168.128.0/20", 4));
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.code()).isEqualTo("INVALID_NETWORK");
        assertThat(answer.detail()).contains("192.168.128.0/20").contains("network net");
        assertThat(rest.get("/api/v1/networks/two").status()).isEqualTo(404);
    }

    @Test
    void blocksArePaged() {
        put(Samples.network("net"));
        putNodes(1, 2, 3);
        var blocks = new ArrayList<String>();
        String cursor = "";
        int pages = 0;
        do {
            var page = rest.get(NET + "/blocks?limit=4&cursor=" + cursor).as(new TypeReference<Page<NodeBlock>>() {});
            page.items()
                    .forEach(item -> blocks.add(item.node() + " " + item.block().podBlock()));
            cursor = page.next();
            pages++;
        } while (cursor != null);
        assertThat(pages).isEqualTo(2);
        assertThat(blocks)
                .containsExactly(
                        "node1 192.168.0.0/24",
                        "node2 192.168.1.0/24",
                        "node3 192.168.2.0/24",
                        "node1 192.168.64.0/24",
                        "node2 192.168.65.0/24",
                        "node3 192.168.66.0/24");
    }

    @Test
    void editThatMovesIdleBlockIsApplied() {
        putNodes(1, 2);
        put(Samples.network("net"));
        put(Samples.network("net", "192.168.0.0/16", 8));
        assertThat(plan(2).networks().getFirst().blocks().getFirst().podBlock())
                .isEqualTo(Cidr.parse("192.168.0.64/26"));
        put(Samples.network("net", "172.16.0.0/16", 8));
        assertThat(plan(2).networks().getFirst().blocks().getFirst().podBlock())
                .isEqualTo(Cidr.parse("172.16.0.64/26"));
    }

    @Test
    void editThatMovesLiveBlockIsRefused() {
        putNodes(1, 2);
        put(Samples.network("net"));
        allocate(2, "192.168.1.7");
        var before = plan(2);
        var onlySecond = new NetworkDefinition(
                "net",
                List.of(Cidr.parse("192.168.0.0/16")),
                List.of(Cidr.parse("10.0.2.0/24")),
                2,
                6,
                List.of(),
                true);
        for (var edit : List.of(
                Samples.network("net", "192.168.0.0/16", 8),
                Samples.network("net", "172.16.0.0/16", 6),
                Samples.network("net", "192.168.0.0/16", 6, "192.168.0.0/23"),
                onlySecond)) {
            var answer = rest.put(NET, edit);
            assertThat(answer.status()).as(edit.toString()).isEqualTo(409);
            assertThat(answer.code()).isEqualTo("NETWORK_EDIT_REFUSED");
            assertThat(answer.detail())
                    .contains("192.168.1.0/24")
                    .contains("node2")
                    .contains("192.168.1.7");
        }
        assertThat(plan(2)).isEqualTo(before);
    }

    @Test
    void editThatMovesNoLiveBlockIsApplied() {
        putNodes(1, 2);
        put(Samples.network("net"));
        allocate(2, "192.168.1.7");
        put(Samples.network("net", "192.168.0.0/16", 6, "192.168.1.128/25", "192.168.0.0/24"));
        assertThat(plan(2).networks().getFirst().blocks().getFirst().excluded())
                .containsExactly(Cidr.parse("192.168.1.128/25"));
        assertThat(plan(1).networks().getFirst().blocks().getFirst().podBlock())
                .as("an idle block may move")
                .isEqualTo(Cidr.parse("192.168.2.0/24"));
    }

    @Test
    void addingSecondFamilyMovesNoBlock() {
        putNodes(1);
        put(Samples.network("net"));
        allocate(1, "192.168.0.7");
        var dual = new NetworkDefinition(
                "net",
                List.of(Cidr.parse("192.168.0.0/16"), Cidr.parse("fd00:10::/56")),
                List.of(Cidr.parse("10.0.1.0/24"), Cidr.parse("10.0.2.0/24")),
                2,
                6,
                List.of(),
                true);
        var state = put(dual);
        assertThat(plan(1).networks().getFirst().blocks())
                .extracting(block -> block.podBlock().toString())
                .containsExactly("192.168.0.0/24", "fd00:10::/64", "192.168.64.0/24", "fd00:10:0:40::/64");
        assertThat(state.unplaced()).hasSize(2).allSatisfy(unplaced -> {
            assertThat(unplaced.node()).isEqualTo("node1");
            assertThat(unplaced.reason()).contains("no IPv6 address");
        });
    }

    /// Kubernetes accepts the families of a cluster in either order.
    @Test
    void reorderedSubnetsKeepAllBlocks() {
        putNodes(1, 2);
        put(dualStack("192.168.0.0/16", "fd00:10::/56"));
        allocate(1, "192.168.0.7");
        var blocks = plan(1).networks().getFirst().blocks();
        var peers = plan(1).networks().getFirst().peers();
        assertThat(blocks).hasSize(4);
        var swapped = dualStack("fd00:10::/56", "192.168.0.0/16");
        assertThat(put(swapped).network()).isEqualTo(swapped);
        assertThat(plan(1).networks().getFirst().blocks()).isEqualTo(blocks);
        assertThat(plan(1).networks().getFirst().peers()).isEqualTo(peers);
    }

    private static NetworkDefinition dualStack(String... subnets) {
        return new NetworkDefinition(
                "net",
                Arrays.stream(subnets).map(Cidr::parse).toList(),
                List.of(Cidr.parse("10.0.1.0/24"), Cidr.parse("10.0.2.0/24")),
                2,
                6,
                List.of(),
                true);
    }

    @Test
    void networkInUseIsNotDeleted() {
        putNodes(1, 2);
        put(Samples.network("net"));
        allocate(2, "192.168.1.7");
        var answer = rest.delete(NET);
        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.code()).isEqualTo("IN_USE");
        assertThat(answer.detail()).contains("1 addresses").contains("node2");
        assertThat(rest.delete("/api/v1/networks/never-seen").status()).isEqualTo(204);
    }

    @Test
    void deletedNetworkIsRemovedFromPlans() {
        putNodes(1);
        put(Samples.network("net"));
        long revision = plan(1).revision();
        assertThat(rest.delete(NET).status()).isEqualTo(204);
        assertThat(rest.delete(NET).status()).isEqualTo(204);
        assertThat(plan(1).networks()).isEmpty();
        assertThat(plan(1).revision()).isGreaterThan(revision);
        assertThat(rest.get(NET).code()).isEqualTo("NETWORK_UNKNOWN");
    }

    @Test
    void lostNicKeepsItsBlock() {
        putNodes(1, 2);
        put(Samples.network("net"));
        rest.put("/api/v1/nodes/node1", new NodeInventory("uid-1", List.of(Samples.nic("eth2", "10.0.2.1/24"))));
        putNodes(3);
        assertThat(plan(1).networks().getFirst().blocks()).hasSize(1);
        assertThat(plan(2).networks().getFirst().peers())
                .extracting(peer -> peer.podBlock().toString())
                .containsExactly("192.168.2.0/24", "192.168.64.0/24", "192.168.66.0/24");
        putNodes(1);
        assertThat(plan(1).networks().getFirst().blocks().getFirst().podBlock())
                .isEqualTo(Cidr.parse("192.168.0.0/24"));
    }

    @Test
    void machineReplacedUnderTheSameNameGetsOtherBlocks() {
        putNodes(1, 2);
        put(Samples.network("net"));
        rest.put(
                "/api/v1/nodes/node1",
                new NodeInventory("uid-new", Samples.node(1).nics()));
        var plan = plan(1);
        assertThat(plan.nodeUid()).isEqualTo("uid-new");
        assertThat(plan.networks().getFirst().blocks().getFirst().podBlock()).isEqualTo(Cidr.parse("192.168.2.0/24"));
        assertThat(plan(2).networks().getFirst().peers())
                .as("the old machine is no peer")
                .extracting(peer -> peer.podBlock().toString())
                .containsExactly("192.168.2.0/24", "192.168.66.0/24");

        assertThat(uids("/api/v1/nodes")).containsExactly("uid-new", "uid-2");
        assertThat(uids("/api/v1/nodes?superseded=true")).containsExactly("uid-1", "uid-new", "uid-2");

        assertThat(rest.delete("/api/v1/nodes/node1?uid=uid-1").status()).isEqualTo(204);
        assertThat(uids("/api/v1/nodes?superseded=true")).containsExactly("uid-new", "uid-2");
        putNodes(3);
        assertThat(plan(3).networks().getFirst().blocks().getFirst().podBlock())
                .as("the index is free after the retirement")
                .isEqualTo(Cidr.parse("192.168.0.0/24"));
        assertThat(plan(1).nodeUid()).isEqualTo("uid-new");
    }

    private List<String> uids(String path) {
        return Arrays.stream(rest.get(path).as(NodeState[].class))
                .map(NodeState::nodeUid)
                .toList();
    }

    @Test
    void nodeInUseIsNotRetired() {
        putNodes(1);
        put(Samples.network("net"));
        allocate(1, "192.168.0.7");
        var answer = rest.delete("/api/v1/nodes/node1");
        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.code()).isEqualTo("IN_USE");
        assertThat(rest.get("/api/v1/nodes/node1").as(NodeState.class).openAddresses())
                .isEqualTo(1);
    }

    @Test
    void indexOfRetiredNodeGoesToTheWaitingNode() {
        put(Samples.network("net", "192.168.0.0/16", 1));
        putNodes(1, 2, 3);
        assertThat(rest.get(NET).as(NetworkState.class).unplaced()).hasSize(2).allSatisfy(unplaced -> {
            assertThat(unplaced.node()).isEqualTo("node3");
            assertThat(unplaced.reason()).contains("no host index is left").contains("hostBlock 1");
        });
        assertThat(plan(3).networks().getFirst().blocks()).isEmpty();
        assertThat(rest.delete("/api/v1/nodes/node1").status()).isEqualTo(204);
        assertThat(rest.get(NET).as(NetworkState.class).unplaced()).isEmpty();
        assertThat(plan(3).networks().getFirst().blocks().getFirst().hostIndex())
                .isZero();
        assertThat(rest.get("/api/v1/nodes/node1").code()).isEqualTo("NODE_UNKNOWN");
    }
}
