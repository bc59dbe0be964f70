package io.multinic.ipam.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NetworkPreview;
import io.multinic.contract.wire.NetworkPreview.BlockChange;
import io.multinic.contract.wire.NodeInventory;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import io.multinic.ipam.support.Rest;
import io.multinic.ipam.support.Samples;
import io.multinic.ipam.support.TestPostgres.Database;
import io.multinic.ipam.support.TestService;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Preview of the effect of a PUT of a network.
class PreviewIT {
    private static final String NET = "/api/v1/networks/net";
    private final Rest rest = TestService.shared().rest();
    private final Database database = TestService.sharedDatabase();

    @BeforeEach
    void threeNodes() throws SQLException {
        database.clear();
        for (int n = 1; n <= 3; n++) {
            rest.put("/api/v1/nodes/node" + n, Samples.node(n));
        }
    }

    /// Requests a preview and requires that it changed nothing.
    private NetworkPreview preview(NetworkDefinition definition) {
        try {
            List<String> before = database.dump();
            var preview = rest.post("/api/v1/networks/" + definition.name() + "/preview", definition)
                    .as(NetworkPreview.class);
            assertThat(database.dump()).isEqualTo(before);
            return preview;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void put(NetworkDefinition definition) {
        assertThat(rest.put("/api/v1/networks/" + definition.name(), definition).status())
                .isEqualTo(200);
    }

    private void hold(int node, String address) {
        String path = "/api/v1/nodes/node" + node;
        long epoch = rest.post(path + "/session", new SessionRequest("uid-" + node, "store", null, List.of()))
                .as(SessionGrant.class)
                .epoch();
        assertThat(rest.post(path + "/ledger", Samples.batch(node, epoch, Samples.allocated(1, address, "c")))
                        .status())
                .isEqualTo(200);
    }

    private static List<String> changes(NetworkPreview preview) {
        return preview.blocks().stream().map(PreviewIT::text).toList();
    }

    private static String text(BlockChange change) {
        return change.node() + " " + change.nic() + " " + change.from() + " " + change.to() + " " + change.capacity();
    }

    @Test
    void previewOfNewNetworkListsBlocksAndCapacity() {
        var preview = preview(Samples.network("net", "192.168.0.0/16", 8, "192.168.0.64/26", "192.168.0.128/30"));
        assertThat(preview.accepted()).isTrue();
        assertThat(preview.code()).isNull();
        assertThat(preview.added()).isEqualTo(6);
        assertThat(preview.removed() + preview.moved()).isZero();
        assertThat(changes(preview))
                .contains(
                        "node1 eth1 null 192.168.0.0/26 63",
                        "node2 eth1 null 192.168.0.128/26 60",
                        "node3 eth1 null 192.168.0.192/26 64",
                        "node1 eth2 null 192.168.64.0/26 63");
        assertThat(preview.interfaces())
                .extracting(in -> in.index() + " " + in.masterNet() + ": " + in.taken() + " of " + in.hostBlocks() + " "
                        + in.spaces())
                .containsExactly(
                        "0 10.0.1.0/24: 3 of 255 [BlockSpace[interfaceBlock=192.168.0.0/18, addressesPerHost=64,"
                                + " fewest=60]]",
                        "1 10.0.2.0/24: 3 of 256 [BlockSpace[interfaceBlock=192.168.64.0/18, addressesPerHost=64,"
                                + " fewest=63]]");
        assertThat(rest.get(NET).status()).isEqualTo(404);
    }

    @Test
    void previewOfCurrentDefinitionIsEmpty() {
        put(Samples.network("net"));
        var preview = preview(Samples.network("net"));
        assertThat(preview.accepted()).isTrue();
        assertThat(preview.blocks()).isEmpty();
        assertThat(preview.interfaces()).extracting(in -> in.taken()).containsExactly(3, 3);
    }

    @Test
    void previewOfEditListsAddedRemovedAndMovedBlocks() throws SQLException {
        put(Samples.network("net"));
        var edit = new NetworkDefinition(
                "net",
                List.of(Cidr.parse("192.168.0.0/16")),
                List.of(Cidr.parse("10.0.1.0/24")),
                2,
                6,
                List.of(Cidr.parse("192.168.1.0/24")),
                true);
        var preview = preview(edit);
        assertThat(List.of(preview.added(), preview.removed(), preview.moved())).containsExactly(0, 3, 1);
        assertThat(changes(preview))
                .containsExactlyInAnyOrder(
                        "node2 eth1 192.168.1.0/24 192.168.3.0/24 256",
                        "node1 eth2 192.168.64.0/24 null null",
                        "node2 eth2 192.168.65.0/24 null null",
                        "node3 eth2 192.168.66.0/24 null null");
        put(edit);
        assertThat(database.count("SELECT count(*) FROM block WHERE cidr = '192.168.3.0/24' AND capacity = 256"))
                .as("PUT does what the preview shows")
                .isEqualTo(1);
        assertThat(preview(edit).blocks()).isEmpty();
    }

    @Test
    void previewReportsTheRefusalOfPut() {
        put(Samples.network("net"));
        hold(2, "192.168.1.7");
        var moving = Samples.network("net", "192.168.0.0/16", 8);
        var preview = preview(moving);
        var answer = rest.put(NET, moving);
        assertThat(preview.accepted()).isFalse();
        assertThat(preview.code()).isEqualTo(ErrorCode.NETWORK_EDIT_REFUSED);
        assertThat(preview.code()).hasToString(answer.code());
        assertThat(preview.reason()).isEqualTo(answer.detail()).contains("192.168.1.7");
        assertThat(preview.moved()).as("moves without the refusal").isEqualTo(6);

        var overlapping = Samples.network("two", "192.168.128.0/20", 4);
        var overlap = preview(overlapping);
        assertThat(overlap.code()).isEqualTo(ErrorCode.INVALID_NETWORK);
        assertThat(overlap.reason())
                .isEqualTo(rest.put("/api/v1/networks/two", overlapping).detail())
                .contains("of network net");
    }

    @Test
    void previewListsUnplacedNicsWithReason() {
        var preview = preview(Samples.network("net", "192.168.0.0/16", 1));
        assertThat(preview.accepted()).isTrue();
        assertThat(preview.added()).isEqualTo(4);
        assertThat(preview.unplacedNics()).isEqualTo(2);
        assertThat(preview.unplaced()).allSatisfy(unplaced -> {
            assertThat(unplaced.node()).isEqualTo("node3");
            assertThat(unplaced.reason()).contains("no host index is left");
        });
    }

    @Test
    void hostSubnetModeIsPreviewed() {
        var network = new NetworkDefinition("net", List.of(), List.of(), 0, 6, List.of(), true);
        var preview = preview(network);
        assertThat(changes(preview)).contains("node1 eth1 null 10.0.1.4/30 4", "node1 eth2 null 10.0.2.4/30 4");
        assertThat(preview.interfaces().getFirst().hostBlocks())
                .as("all blocks but the one that hosts fill")
                .isEqualTo(63);
    }

    @Test
    void previewListsAtMostThousandBlocks() {
        for (int n = 4; n <= 501; n++) {
            rest.put(
                    "/api/v1/nodes/node" + n,
                    new NodeInventory(
                            "uid-" + n,
                            List.of(
                                    Samples.nic("eth1", "10.0.1." + n % 256 + "/24"),
                                    Samples.nic("eth2", "10.0.2." + n % 256 + "/24"),
                                    Samples.nic("eth3", "10.0.1." + n % 256 + "/24"))));
        }
        var preview = preview(Samples.network("net", "10.64.0.0/10", 12));
        assertThat(preview.added()).isEqualTo(3 * 2 + 498 * 3);
        assertThat(preview.blocks()).hasSize(1_000);
    }

    @Test
    void invalidDefinitionIsRefusedAsByPut() {
        String bad = """
                {"name": "net", "subnets": ["192.168.0.0/16"], "interfaceBlock": 9, "hostBlock": 9, "hostRoutes": true}""";
        var previewed = rest.post(NET + "/preview", bad);
        var put = rest.put(NET, bad);
        assertThat(previewed.status()).isEqualTo(put.status()).isEqualTo(422);
        assertThat(previewed.detail()).isEqualTo(put.detail());
        assertThat(rest.post("/api/v1/networks/other/preview", Samples.network("net"))
                        .code())
                .isEqualTo("INVALID_REQUEST");
    }
}
