package io.multinic.contract.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NodePlanTest {
    private static NetworkDefinition network(String name, String exclude) {
        return new NetworkDefinition(
                name, List.of(Cidr.parse("192.168.0.0/16")), List.of(), 2, 6, List.of(Cidr.parse(exclude)), true);
    }

    private static PeerBlock peer(int n) {
        return new PeerBlock("node" + n, 0, Cidr.parse("192.168." + n + ".0/24"), IpAddress.parse("10.0.1." + n));
    }

    private static PeerChange change(String network, int n, @Nullable String via) {
        return new PeerChange(
                network,
                0,
                "node" + n,
                Cidr.parse("192.168." + n + ".0/24"),
                via == null ? null : IpAddress.parse(via));
    }

    private static NodePlan plan(NetworkPlan... networks) {
        return new NodePlan("node1", "uid-1", 7, List.of(networks));
    }

    private static NetworkPlan of(String name, int number, PeerBlock... peers) {
        return new NetworkPlan(network(name, "192.168.0.0/30"), number, List.of(), List.of(peers));
    }

    @Test
    void changedPeersAreAddedRemovedAndMovedInTheOrderOfBlocks() {
        var changed = plan(of("a", 0, peer(2), peer(3), peer(5)))
                .with(new PlanChange(
                        7,
                        9,
                        List.of(),
                        List.of(),
                        List.of(change("a", 4, "10.0.1.4"), change("a", 3, null), change("a", 5, "10.0.1.55"))));
        assertThat(changed.revision()).isEqualTo(9);
        assertThat(changed.networks().getFirst().peers())
                .containsExactly(
                        peer(2),
                        peer(4),
                        new PeerBlock("node5", 0, Cidr.parse("192.168.5.0/24"), IpAddress.parse("10.0.1.55")));
    }

    @Test
    void exclusionsOfAPeersBlockChangeWithIt() {
        var excluded = List.of(Cidr.parse("192.168.2.7/32"));
        var exclude =
                new PeerChange("a", 0, "node2", Cidr.parse("192.168.2.0/24"), IpAddress.parse("10.0.1.2"), excluded);
        var changed = plan(of("a", 0, peer(2))).with(new PlanChange(7, 8, List.of(), List.of(), List.of(exclude)));
        assertThat(changed.networks().getFirst().peers())
                .containsExactly(
                        new PeerBlock("node2", 0, Cidr.parse("192.168.2.0/24"), IpAddress.parse("10.0.1.2"), excluded));
    }

    @Test
    void editedNetworkKeepsItsPeersAndANewOneHasNone() {
        var edited = new NetworkPlan(network("a", "192.168.9.0/30"), 0, List.of(), List.of());
        var changed = plan(of("a", 0, peer(2)), of("c", 2, peer(3)))
                .with(new PlanChange(
                        7, 8, List.of(edited, of("b", 1)), List.of("c"), List.of(change("b", 6, "10.0.1.6"))));
        assertThat(changed.networks())
                .containsExactly(
                        new NetworkPlan(edited.network(), 0, List.of(), List.of(peer(2))), of("b", 1, peer(6)));
    }

    @Test
    void changeOfAnotherRevisionIsRefused() {
        assertThatThrownBy(() -> plan().with(new PlanChange(6, 8, List.of(), List.of(), List.of())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("6")
                .hasMessageContaining("7");
    }
}
