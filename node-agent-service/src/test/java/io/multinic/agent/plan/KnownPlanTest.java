package io.multinic.agent.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NetworkPlan;
import io.multinic.contract.wire.NicBlock;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.PeerBlock;
import io.multinic.contract.wire.StatedBlock;
import java.util.List;
import org.junit.jupiter.api.Test;

class KnownPlanTest {
    private static NicBlock block(String nic, int net, int host) {
        return new NicBlock(
                nic,
                Cidr.parse("10.0." + net + ".0/24"),
                net - 1,
                host,
                Cidr.parse("192.168." + (net - 1) * 64 + ".0/18"),
                Cidr.parse("192.168." + ((net - 1) * 64 + host) + ".0/24"),
                List.of());
    }

    private static NodePlan plan(String uid, List<NicBlock> blocks, PeerBlock... peers) {
        var definition =
                new NetworkDefinition("net", List.of(Cidr.parse("192.168.0.0/16")), List.of(), 2, 6, List.of(), true);
        return new NodePlan("node1", uid, 7, List.of(new NetworkPlan(definition, 4, blocks, List.of(peers))));
    }

    private static final KnownPlan BOTH =
            KnownPlan.first(plan("uid", List.of(block("eth1", 1, 3), block("eth2", 2, 3))), "h");

    private static final List<StatedBlock> STATED = BOTH.statement().blocks();

    @Test
    void statementHasTheIndexesOfThePlan() {
        assertThat(BOTH.statement().history()).isEqualTo("h");
        assertThat(BOTH.statement().revision()).isEqualTo(7);
        assertThat(STATED)
                .containsExactly(
                        StatedBlock.of(BOTH.plan().networks().getFirst(), block("eth1", 1, 3)),
                        StatedBlock.of(BOTH.plan().networks().getFirst(), block("eth2", 2, 3)));
    }

    @Test
    void missingNicKeepsItsBlock() {
        KnownPlan next = BOTH.followedBy(plan("uid", List.of(block("eth1", 1, 3))), "h");
        assertThat(next.statement().blocks()).containsExactlyElementsOf(STATED);
        assertThat(next.followedBy(plan("uid", List.of(block("eth1", 1, 3))), "h2")
                        .statement()
                        .blocks())
                .containsExactlyElementsOf(STATED);
        assertThat(next.followedBy(BOTH.plan(), "h")).isEqualTo(BOTH);
    }

    @Test
    void nicWithAnotherBlockLosesTheOldOne() {
        KnownPlan next = BOTH.followedBy(plan("uid", List.of(block("eth1", 1, 3), block("eth2", 2, 9))), "h");
        assertThat(next.absent()).isEmpty();
    }

    @Test
    void blockOfAPeerIsNotStated() {
        var peer = new PeerBlock("node2", 1, Cidr.parse("192.168.67.0/24"), IpAddress.parse("10.0.2.2"));
        KnownPlan next = BOTH.followedBy(plan("uid", List.of(block("eth1", 1, 3)), peer), "h");
        assertThat(next.absent()).isEmpty();
    }

    @Test
    void blocksOfADeletedNetworkOrOfAnotherNodeAreNotStated() {
        assertThat(BOTH.followedBy(new NodePlan("node1", "uid", 8, List.of()), "h")
                        .statement()
                        .blocks())
                .isEmpty();
        assertThat(BOTH.followedBy(plan("other", List.of()), "h").statement().blocks())
                .isEmpty();
    }
}
