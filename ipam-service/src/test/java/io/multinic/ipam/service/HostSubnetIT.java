package io.multinic.ipam.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NetworkState;
import io.multinic.contract.wire.Nic;
import io.multinic.contract.wire.NodeInventory;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.PlanUpdate;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import io.multinic.ipam.support.Rest;
import io.multinic.ipam.support.Samples;
import io.multinic.ipam.support.TestPostgres.Database;
import io.multinic.ipam.support.TestService;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Host-subnet mode through REST, on a real PostgreSQL: hosts and pods share the NIC networks.
class HostSubnetIT {
    private static final String NET = "/api/v1/networks/net";
    private final Rest rest = TestService.shared().rest();
    private final Database database = TestService.sharedDatabase();

    @BeforeEach
    void clear() throws SQLException {
        database.clear();
    }

    /// A network whose blocks have four addresses each.
    private static NetworkDefinition network(String name, String... masterNets) {
        return new NetworkDefinition(
                name, List.of(), Arrays.stream(masterNets).map(Cidr::parse).toList(), 0, 6, List.of(), true);
    }

    private void put(NetworkDefinition definition) {
        var answer = rest.put("/api/v1/networks/" + definition.name(), definition);
        assertThat(answer.status()).as(answer.detail()).isEqualTo(200);
    }

    private void putNode(int node, String... addresses) {
        var nics = new java.util.ArrayList<Nic>();
        for (String address : addresses) {
            nics.add(Samples.nic("eth" + (nics.size() + 1), address));
        }
        assertThat(rest.put("/api/v1/nodes/node" + node, new NodeInventory("uid-" + node, nics))
                        .status())
                .isEqualTo(204);
    }

    private NodePlan plan(int node) {
        return rest.get("/api/v1/nodes/node" + node + "/plan").as(NodePlan.class);
    }

    private List<String> blocks(int node) {
        return plan(node).networks().stream()
                .filter(network -> network.network().name().equals("net"))
                .flatMap(network -> network.blocks().stream())
                .map(block -> block.podBlock() + " without " + block.excluded())
                .toList();
    }

    private List<String> unplaced(String network) {
        return rest.get("/api/v1/networks/" + network).as(NetworkState.class).unplaced().stream()
                .map(unplaced -> unplaced.node() + " " + unplaced.nic() + ": " + unplaced.reason())
                .toList();
    }

    private void hold(int node, String address, String pod) {
        String path = "/api/v1/nodes/node" + node;
        long epoch = rest.post(path + "/session", new SessionRequest("uid-" + node, "store", null, List.of()))
                .as(SessionGrant.class)
                .epoch();
        assertThat(rest.post(path + "/ledger", Samples.batch(node, epoch, Samples.allocated(1, address, pod)))
                        .status())
                .isEqualTo(200);
    }

    private void free(int node, String address, String pod) {
        assertThat(rest.post(
                                "/api/v1/nodes/node" + node + "/ledger",
                                Samples.batch(node, 1, Samples.freed(2, address, pod)))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void blocksDivideNicNetworksAndPeersGetTheExcludes() {
        put(network("net", "10.0.1.0/24"));
        putNode(1, "10.0.1.1/24");
        putNode(2, "10.0.1.2/24");
        assertThat(blocks(1)).containsExactly("10.0.1.0/30 without [10.0.1.1/32, 10.0.1.2/32]");
        assertThat(plan(1).networks().getFirst().blocks().getFirst().interfaceBlock())
                .isEqualTo(Cidr.parse("10.0.1.0/24"));
        assertThat(blocks(2)).containsExactly("10.0.1.4/30 without []");
        assertThat(plan(2).networks().getFirst().peers()).singleElement().satisfies(peer -> {
            assertThat(peer.podBlock()).isEqualTo(Cidr.parse("10.0.1.0/30"));
            assertThat(peer.excluded()).containsExactly(Cidr.parse("10.0.1.1/32"), Cidr.parse("10.0.1.2/32"));
        });
    }

    @Test
    void ownerAndPeersGetTheAddressOfHostJoiningInBlock() {
        put(network("net", "10.0.1.0/24"));
        putNode(1, "10.0.1.1/24");
        putNode(2, "10.0.1.2/24");
        putNode(3, "10.0.1.250/24");
        long revision = plan(1).revision();
        var known = rest.get("/api/v1/nodes/node3/plan/changes").as(PlanUpdate.class);
        putNode(4, "10.0.1.3/24");
        assertThat(plan(1).revision()).isGreaterThan(revision);
        assertThat(blocks(1)).containsExactly("10.0.1.0/30 without [10.0.1.1/32, 10.0.1.2/31]");
        assertThat(unplaced("net"))
                .singleElement()
                .asString()
                .startsWith("node1 eth1: no address of 10.0.1.0/30 is left");
        var change = Objects.requireNonNull(rest.get("/api/v1/nodes/node3/plan/changes?after="
                        + Objects.requireNonNull(known.plan()).revision() + "&history=" + known.history())
                .as(PlanUpdate.class)
                .change());
        assertThat(change.peers())
                .extracting(peer -> peer.node() + " " + peer.podBlock() + " without " + peer.excluded())
                .containsExactlyInAnyOrder(
                        "node1 10.0.1.0/30 without [10.0.1.1/32, 10.0.1.2/31]", "node4 10.0.1.12/30 without []");

        assertThat(rest.delete("/api/v1/nodes/node4").status()).isEqualTo(204);
        assertThat(blocks(1))
                .as("the address of a retired host is free")
                .containsExactly("10.0.1.0/30 without [10.0.1.1/32, 10.0.1.2/32]");
        assertThat(unplaced("net")).isEmpty();
    }

    @Test
    void addressOfNicThatIsDownStaysExcluded() {
        put(network("net", "10.0.1.0/24"));
        putNode(1, "10.0.1.1/24");
        putNode(2, "10.0.1.2/24");
        putNode(2);
        assertThat(blocks(1)).containsExactly("10.0.1.0/30 without [10.0.1.1/32, 10.0.1.2/32]");
        putNode(2, "10.0.1.5/24");
        assertThat(blocks(1))
                .as("the NIC returned with another address")
                .containsExactly("10.0.1.0/30 without [10.0.1.1/32]");
        assertThat(blocks(2)).containsExactly("10.0.1.4/30 without [10.0.1.5/32]");
    }

    @Test
    void hostAddressHeldByPodIsReportedWhileHeld() {
        put(network("net", "10.0.1.0/24"));
        putNode(1, "10.0.1.1/24");
        hold(1, "10.0.1.3", "a");
        putNode(2, "10.0.1.3/24");
        assertThat(blocks(1)).containsExactly("10.0.1.0/30 without [10.0.1.1/32, 10.0.1.3/32]");
        assertThat(unplaced("net"))
                .singleElement()
                .asString()
                .contains("node2 eth1: the NIC's own address 10.0.1.3 is held by pod default/pod-a on node node1");
        free(1, "10.0.1.3", "a");
        assertThat(unplaced("net")).isEmpty();
    }

    @Test
    void nicNetworksOverlapNoOtherNetwork() throws SQLException {
        put(network("net", "10.0.1.0/24"));
        assertThat(database.count("SELECT count(*) FROM network_subnet WHERE subnet = '10.0.1.0/24'"))
                .isEqualTo(1);
        var same = rest.put("/api/v1/networks/two", network("two", "10.0.2.0/24", "10.0.1.0/24"));
        assertThat(same.code()).isEqualTo("INVALID_NETWORK");
        assertThat(same.detail()).contains("masterNet 10.0.1.0/24 overlaps 10.0.1.0/24 of network net");
        var around = rest.put("/api/v1/networks/two", Samples.network("two", "10.0.0.0/8", 6));
        assertThat(around.code()).isEqualTo("INVALID_NETWORK");
        assertThat(around.detail()).contains("subnet 10.0.0.0/8 overlaps 10.0.1.0/24 of network net");
        put(Samples.network("two", "10.1.0.0/16", 6));
        var inside = rest.put(NET, network("net", "10.0.1.0/24", "10.1.7.0/24"));
        assertThat(inside.detail()).contains("masterNet 10.1.7.0/24 overlaps 10.1.0.0/16 of network two");
    }

    @Test
    void nicNetworkOverlappingAnotherNetworkWaitsUntilItIsFree() {
        put(Samples.network("two", "10.0.2.128/25", 3));
        put(network("net"));
        putNode(1, "10.0.1.1/24", "10.0.2.1/24");
        assertThat(blocks(1)).containsExactly("10.0.1.0/30 without [10.0.1.1/32]");
        assertThat(unplaced("net"))
                .singleElement()
                .asString()
                .startsWith("node1 eth2: the NICs' network 10.0.2.0/24 overlaps 10.0.2.128/25 of network two");
        assertThat(rest.delete("/api/v1/networks/two").status()).isEqualTo(204);
        assertThat(unplaced("net")).isEmpty();
        assertThat(blocks(1)).containsExactly("10.0.1.0/30 without [10.0.1.1/32]", "10.0.2.0/30 without [10.0.2.1/32]");
        assertThat(rest.put("/api/v1/networks/two", Samples.network("two", "10.0.2.128/25", 3))
                        .detail())
                .contains("overlaps 10.0.2.0/24 of network net");
    }

    @Test
    void networkChangesModeWhileNoAddressIsHeld() {
        putNode(1, "10.0.1.1/24");
        put(Samples.network("net"));
        hold(1, "192.168.0.7", "a");
        assertThat(rest.put(NET, network("net", "10.0.1.0/24")).code()).isEqualTo("NETWORK_EDIT_REFUSED");
        free(1, "192.168.0.7", "a");
        put(network("net", "10.0.1.0/24"));
        assertThat(blocks(1)).containsExactly("10.0.1.0/30 without [10.0.1.1/32]");
        put(Samples.network("two"));
        assertThat(rest.put(NET, Samples.network("net")).detail()).contains("of network two");
        put(Samples.network("net", "192.169.0.0/16", 6));
        put(Samples.network("three", "10.0.0.0/16", 6));
    }
}
