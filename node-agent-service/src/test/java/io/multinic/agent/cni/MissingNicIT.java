package io.multinic.agent.cni;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NetworkPlan;
import io.multinic.contract.wire.NicBlock;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.StatedBlock;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Attaches pods of a node with three rails, one of whose NICs cannot be used. Needs root.
@Timeout(60)
class MissingNicIT {
    private static final NetworkDefinition NETWORK = new NetworkDefinition(
            SamplePlans.NETWORK,
            List.of(Cidr.parse("192.168.0.0/16")),
            List.of(Cidr.parse("10.0.1.0/24"), Cidr.parse("10.0.2.0/24"), Cidr.parse("10.0.3.0/24")),
            2,
            6,
            List.of(),
            true);

    @TempDir
    private Path directory;

    private TestNode node;
    private TestNode peer;
    private TestNamespace pod;

    @BeforeEach
    void makeNodes() {
        node = new TestNode(directory, 0);
        peer = new TestNode(directory, 1);
        for (int rail = 1; rail <= 3; rail++) {
            TestNode.cable(node, peer, rail);
        }
        pod = TestNode.pod();
        node.plan.set(plan(1, 2, 3));
    }

    @AfterEach
    void tearDown() {
        pod.close();
        List.of(node, peer).forEach(TestNode::close);
    }

    private static NicBlock block(int rail) {
        var layout = NETWORK.layout(NETWORK.subnets().getFirst());
        return new NicBlock(
                "eth" + rail,
                NETWORK.masterNets().get(rail - 1),
                rail - 1,
                0,
                layout.interfaceBlock(rail - 1),
                layout.podBlock(rail - 1, 0),
                List.of());
    }

    /// The plan of a node that has these rails at present.
    private static NodePlan plan(int... rails) {
        List<NicBlock> blocks = new ArrayList<>();
        for (int rail : rails) {
            blocks.add(block(rail));
        }
        return new NodePlan("node0", "uid0", 1, List.of(new NetworkPlan(NETWORK, 0, blocks, List.of())));
    }

    /// Makes eth2 unusable.
    private void sabotage(String how) {
        switch (how) {
            case "gone" -> node.host.run("ip", "link", "del", "eth2");
            case "down" -> node.host.run("ip", "link", "set", "eth2", "down");
            default -> node.host.run("ip", "address", "flush", "dev", "eth2");
        }
        node.discover();
    }

    @ParameterizedTest
    @CsvSource({"gone, is not on this node", "down, is down", "bare, has no address"})
    void nicThatCannotBeUsedRefusesTheAddByNameAndReason(String how, String reason) {
        sabotage(how);
        var answer = CniCall.add("a", pod, "macvlan").on(node);
        assertThat(answer.message()).contains("multi-nic-sample", "eth2", reason, "allowPartial");
        assertThat(answer.code()).isEqualTo(ErrorCode.NIC_UNUSABLE.cniCode());
        assertThat(pod.links()).isEmpty();
        assertThat(node.journal.allocations().attachments()).isEmpty();
    }

    @Test
    void nicWhoseBlockIsNotInThePlanAtPresentRefusesTheAddToo() {
        sabotage("gone");
        var absent = StatedBlock.of(new NetworkPlan(NETWORK, 0, List.of(), List.of()), block(2));
        node.plan.set(plan(1, 3), absent);
        var answer = CniCall.add("a", pod, "macvlan").on(node);
        assertThat(answer.code()).isEqualTo(ErrorCode.NIC_UNUSABLE.cniCode());
        var partial = CniCall.add("a", pod, "macvlan")
                .podArgs("{\"allowPartial\":true}")
                .on(node);
        assertThat(partial.code()).as(partial.text()).isZero();
        assertThat(pod.links()).containsExactly("net1-0", "net1-2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gone", "down", "bare"})
    void partialAttachmentKeepsTheInterfaceIndexOfEachRail(String how) {
        sabotage(how);
        var call = CniCall.add("a", pod, "ptp");
        call.config.withObject("/attachPolicy").put("allowPartial", true);
        var answer = call.on(node);
        assertThat(answer.code()).as(answer.text()).isZero();
        assertThat(pod.links()).containsExactly("net1-0", "net1-2");
        assertThat(List.of(answer.address(0), answer.address(1))).containsExactly("192.168.0.1/18", "192.168.128.1/18");
        assertThat(call.on(node)).isEqualTo(answer);
        assertThat(CniCall.of("CHECK", "a", pod.netns(), "ptp").on(node).code()).isZero();
        assertThat(CniCall.del("a", pod.netns()).on(node).code()).isZero();
        assertThat(pod.links()).isEmpty();
    }

    @Test
    void podOverridesThePolicyOfTheNetwork() {
        sabotage("gone");
        var call = CniCall.add("a", pod, "macvlan").podArgs("{\"allowPartial\":false}");
        call.config.withObject("/attachPolicy").put("allowPartial", true);
        assertThat(call.on(node).code()).isEqualTo(ErrorCode.NIC_UNUSABLE.cniCode());
        var wrong = CniCall.add("a", pod, "macvlan").podArgs("{\"allowPartial\":\"maybe\"}");
        assertThat(wrong.on(node).message()).contains("allowPartial", "maybe");
    }

    @Test
    void numberOfNicsIsServedByTheUsableOnes() {
        sabotage("gone");
        var answer = CniCall.add("a", pod, "macvlan").podArgs("{\"nics\":2}").on(node);
        assertThat(answer.code()).as(answer.text()).isZero();
        assertThat(pod.links()).containsExactly("net1-0", "net1-1");
        assertThat(answer.address(1)).startsWith("192.168.128.");
    }

    @Test
    void namedMasterThatCannotBeUsedIsRefusedWithTheReason() {
        sabotage("down");
        var answer = CniCall.add("a", pod, "macvlan")
                .podArgs("{\"masters\":[\"eth2\",\"eth1\"]}")
                .on(node);
        assertThat(answer.code()).isEqualTo(ErrorCode.NIC_UNUSABLE.cniCode());
        assertThat(answer.message()).contains("eth2", "is down");
    }

    @Test
    void renamedNicDoesNotRefuseTheAdd() {
        node.host.run("ip", "link", "set", "eth2", "down");
        node.host.run("ip", "link", "set", "eth2", "name", "eth2np0");
        node.host.run("ip", "link", "set", "eth2np0", "up");
        node.discover();
        var absent = StatedBlock.of(new NetworkPlan(NETWORK, 0, List.of(), List.of()), block(2));
        var own = block(2);
        var renamed = new NicBlock(
                "eth2np0", own.masterNet(), 1, 2, own.interfaceBlock(), Cidr.parse("192.168.66.0/24"), List.of());
        node.plan.set(
                new NodePlan(
                        "node0",
                        "uid0",
                        2,
                        List.of(new NetworkPlan(NETWORK, 0, List.of(block(1), renamed, block(3)), List.of()))),
                absent);
        var answer = CniCall.add("a", pod, "macvlan").on(node);
        assertThat(answer.code()).as(answer.text()).isZero();
        assertThat(pod.links()).containsExactly("net1-0", "net1-1", "net1-2");
        assertThat(answer.address(1)).startsWith("192.168.66.");
    }
}
