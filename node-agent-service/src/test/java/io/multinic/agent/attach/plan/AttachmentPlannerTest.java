package io.multinic.agent.attach.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.multinic.agent.attach.plan.AttachRequest.AddressSource;
import io.multinic.agent.attach.plan.AttachRequest.NicChoice;
import io.multinic.agent.attach.plan.AttachRequest.PluginSection;
import io.multinic.agent.attach.plan.AttachRequest.RuntimeValues;
import io.multinic.agent.attach.plan.AttachmentPlan.PlannedInterface;
import io.multinic.agent.attach.plan.AttachmentPlanner.Planned;
import io.multinic.agent.journal.AttachmentKey;
import io.multinic.agent.kernel.NewLink.IpvlanMode;
import io.multinic.agent.kernel.Route;
import io.multinic.agent.nic.DeviceFacts;
import io.multinic.agent.nic.NodeNic;
import io.multinic.agent.select.DeviceClasses;
import io.multinic.agent.select.SelectionPolicy;
import io.multinic.agent.select.Topology;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NetworkPlan;
import io.multinic.contract.wire.NicBlock;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.PodRef;
import io.multinic.contract.wire.StatedBlock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class AttachmentPlannerTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Cidr NET1 = Cidr.parse("10.0.1.0/24");
    private static final Cidr NET2 = Cidr.parse("10.0.2.0/24");

    private int nics = 0;
    private String plugin = "{\"type\":\"ptp\"}";
    private final Map<String, String> obstacles = new HashMap<>();
    private final List<StatedBlock> absent = new ArrayList<>();
    private AddressSource source = new AddressSource.Blocks();

    private static NodeNic nic(String name, Cidr net, boolean up) {
        return new NodeNic(name, net, null, List.of(), up, null, 0, DeviceFacts.NONE);
    }

    private static NicBlock block(String nic, Cidr masterNet, int index, String interfaceBlock, String podBlock) {
        return new NicBlock(nic, masterNet, index, 0, Cidr.parse(interfaceBlock), Cidr.parse(podBlock), List.of());
    }

    /// A plan of network number 4: both families on eth1, IPv4 on eth2.
    private static NodePlan plan(boolean hostRoutes) {
        var definition = new NetworkDefinition(
                "net", List.of(Cidr.parse("192.168.0.0/16")), List.of(NET1, NET2), 2, 6, List.of(), hostRoutes);
        return new NodePlan(
                "node",
                "uid",
                1,
                List.of(new NetworkPlan(
                        definition,
                        4,
                        List.of(
                                block("eth1", NET1, 0, "192.168.0.0/18", "192.168.0.0/24"),
                                block("eth2", NET2, 1, "192.168.64.0/18", "192.168.64.0/24"),
                                block("eth1", NET1, 0, "fd00::/50", "fd00::/56")),
                        List.of())));
    }

    private Planned plan(NodePlan nodePlan, NodeNic... nodeNics) {
        var config = (ObjectNode) JSON.readTree(plugin);
        var request = new AttachRequest(
                new AttachmentKey("c", "net1"),
                "/run/netns/c",
                new PodRef("ns", "pod", ""),
                "net",
                new NicChoice(SelectionPolicy.NONE, nics, List.of(), List.of()),
                new PluginSection(config.path("type").asString(""), config, "1.0.0", "l3", List.of("/opt"), "A=1"),
                source,
                new RuntimeValues(
                        null, List.of(), JSON.createObjectNode(), JSON.createObjectNode(), JSON.createObjectNode()),
                List.of(),
                false,
                JSON.createObjectNode(),
                "fingerprint");
        var known =
                nodeNics.length == 0 ? List.of(nic("eth1", NET1, true), nic("eth2", NET2, true)) : List.of(nodeNics);
        var planned = new PlannedNics(absent, nic -> Optional.ofNullable(obstacles.get(nic)));
        return AttachmentPlanner.plan(
                request,
                new PlanningFacts(
                        Optional.of(nodePlan), known, planned, Map.of(), DeviceClasses.UNKNOWN, Topology.NONE));
    }

    @Test
    void interfaceNeedsAnAddressOfEachBlockOfItsNic() {
        var planned = plan(plan(true));
        assertThat(planned.plan().interfaces())
                .extracting(PlannedInterface::name, PlannedInterface::nic)
                .containsExactly(tuple("net1-0", "eth1"), tuple("net1-1", "eth2"));
        assertThat(planned.demands().getFirst().blocks())
                .extracting(NicBlock::podBlock)
                .containsExactly(Cidr.parse("192.168.0.0/24"), Cidr.parse("fd00::/56"));
        assertThat(planned.demands().get(1).blocks()).hasSize(1);
    }

    @Test
    void addressHasThePrefixLengthOfItsInterfaceBlock() {
        var pod = new PodRef("ns", "pod", "");
        var interfaces = plan(plan(true))
                .plan()
                .interfaces(List.of(
                        new Allocation("net", IpAddress.parse("192.168.64.7"), "eth2", pod, "c", "net1", "net1-1"),
                        new Allocation("net", IpAddress.parse("fd00::7"), "eth1", pod, "c", "net1", "net1-0")));
        assertThat(interfaces.get(0).addresses()).extracting(Object::toString).containsExactly("fd00::7/50");
        assertThat(interfaces.get(1).addresses()).extracting(Object::toString).containsExactly("192.168.64.7/18");
    }

    @Test
    void routedVethUsesTheNetworksTableOrMainWithoutHostRoutes() {
        assertThat(plan(plan(true)).plan().driver()).isEqualTo(new DriverConfig.RoutedVeth(0, 13_904, null));
        assertThat(plan(plan(false)).plan().driver()).isEqualTo(new DriverConfig.RoutedVeth(0, Route.MAIN_TABLE, null));
    }

    @Test
    void ipvlanModeOfThePluginOverridesThatOfTheNetwork() {
        plugin = "{\"type\":\"ipvlan\",\"mtu\":\"9000\"}";
        assertThat(plan(plan(true)).plan().driver()).isEqualTo(new DriverConfig.Ipvlan(IpvlanMode.L3, 9000));
        plugin = "{\"type\":\"ipvlan\",\"mode\":\"l3s\"}";
        assertThat(plan(plan(true)).plan().driver()).isEqualTo(new DriverConfig.Ipvlan(IpvlanMode.L3S, 0));
    }

    @Test
    void nicThatIsDownOrMissingIsUsedLast() {
        nics = 1;
        assertThat(plan(plan(true), nic("eth1", NET1, false), nic("eth2", NET2, true))
                        .plan()
                        .interfaces())
                .extracting(PlannedInterface::nic)
                .containsExactly("eth2");
        obstacles.put("eth1", "is not on this node");
        assertThat(plan(plan(true), nic("eth2", NET2, true)).plan().interfaces())
                .extracting(PlannedInterface::nic)
                .containsExactly("eth2");
        obstacles.clear();
        assertThat(plan(plan(true)).plan().interfaces())
                .extracting(PlannedInterface::nic)
                .containsExactly("eth1");
    }

    @Test
    void nicWithoutTheAddressOfItsBlockIsRefused() {
        assertThatThrownBy(() -> plan(plan(true), nic("eth1", NET2, true), nic("eth2", NET2, true)))
                .hasMessageContaining("eth1 (10.0.1.0/24) has no address in 10.0.1.0/24");
    }

    @Test
    void absentBlockCountsUntilItsNetworkHasAnotherNicOrIsNoLongerUsed() {
        var eth3 = block("eth3", Cidr.parse("10.0.3.0/24"), 2, "192.168.128.0/18", "192.168.128.0/24");
        var network = plan(true).networks().getFirst();
        absent.add(StatedBlock.of(network, eth3));
        absent.add(StatedBlock.of(network, block("old1", NET1, 0, "192.168.0.0/18", "192.168.9.0/24")));
        assertThat(plan(plan(true)).plan().interfaces()).hasSize(2);
        var wider = new NetworkDefinition("net", network.network().subnets(), List.of(), 2, 6, List.of(), true);
        var open = new NodePlan("node", "uid", 1, List.of(new NetworkPlan(wider, 4, network.blocks(), List.of())));
        obstacles.put("eth3", "is down");
        assertThatThrownBy(() -> plan(open)).hasMessageContaining("eth3 (10.0.3.0/24) is down");
        absent.removeFirst();
        assertThat(plan(open).plan().interfaces()).hasSize(2);
    }

    @Test
    void pluginWithItsOwnIpamNeedsNoPlan() {
        source = new AddressSource.Delegated(JSON.readTree("{\"type\":\"host-local\"}"));
        plugin = "{\"type\":\"macvlan\"}";
        var planned = plan(new NodePlan("node", "uid", 1, List.of()), nic("eth2", NET2, true));
        assertThat(planned.demands()).isEmpty();
        assertThat(planned.plan().interfaces())
                .extracting(PlannedInterface::nic)
                .containsExactly("eth2");
        assertThat(planned.plan().driver()).isInstanceOf(DriverConfig.Executed.class);
    }

    @Test
    void recordIsTheSameAfterWritingAndReading() {
        for (String type : List.of("ptp", "macvlan", "ipvlan", "bridge")) {
            plugin = "{\"type\":\"" + type + "\",\"x\":{\"y\":1}}";
            var plan = plan(plan(true)).plan();
            assertThat(JSON.readValue(JSON.writeValueAsString(plan), AttachmentPlan.class))
                    .isEqualTo(plan);
        }
    }

    @Test
    void recordOfAnEarlierReleaseIsRead() {
        var plan = JSON.readValue("""
            {"wiring":{"kind":"ipvlan","mode":"L3","mtu":9000},
             "interfaces":[{"name":"net1-0","nic":"eth1","hostEnd":"mnv000000000001","nicNet":"10.0.1.0/24",
               "interfaceBlocks":["192.168.0.0/18"]}],
             "routes":[{"dst":"172.16.0.0/12","gw":"192.168.0.9"}],"dns":{}}\
            """, AttachmentPlan.class);

        assertThat(plan.driver()).isEqualTo(new DriverConfig.Ipvlan(IpvlanMode.L3, 9000));
        assertThat(plan.interfaces())
                .containsExactly(new PlannedInterface(
                        "net1-0", "eth1", "mnv000000000001", NET1, List.of(Cidr.parse("192.168.0.0/18")), null));
        assertThat(plan.routes())
                .containsExactly(new IpamRoute(Cidr.parse("172.16.0.0/12"), IpAddress.parse("192.168.0.9")));
        assertThat(JSON.writeValueAsString(plan)).contains("\"wiring\":{\"kind\":\"ipvlan\"");
    }

    @Test
    void unknownNetworkIsRefused() {
        assertThatThrownBy(() -> plan(new NodePlan("node", "uid", 1, List.of())))
                .isInstanceOfSatisfying(
                        MultiNicException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NETWORK_UNKNOWN));
    }
}
