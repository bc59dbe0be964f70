package io.multinic.agent.route.plan;

import io.multinic.agent.nic.DeviceFacts;
import io.multinic.agent.nic.NodeNic;
import io.multinic.contract.address.AddressLayout;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NetworkPlan;
import io.multinic.contract.wire.NicBlock;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.PeerBlock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Plans for hosts that each have one NIC in each of two networks, as in the sample of the compatibility contract:
/// host `h` (from 0) has 10.0.1.`h+1` on eth1 and 10.0.2.`h+1` on eth2.
public final class RouteFixtures {
    public static final String NODE = "host1";
    public static final String UID = "uid-1";
    private static final String SUBNET = "192.168.0.0/16";

    private RouteFixtures() {}

    public static NodePlan of(long revision, NetworkPlan... networks) {
        return new NodePlan(NODE, UID, revision, List.of(networks));
    }

    /// Plan of the host of index 0 in a cluster of `hosts` hosts.
    public static NetworkPlan sample(int hosts) {
        return sample("multi-nic-sample", 0, SUBNET, hosts);
    }

    public static NetworkPlan sample(String name, int number, String subnet, int hosts) {
        var definition = new NetworkDefinition(
                name, List.of(Cidr.parse(subnet)), List.of(masterNet(0), masterNet(1)), 2, 6, List.of(), true);
        AddressLayout layout = definition.layout(Cidr.parse(subnet));
        var blocks = new ArrayList<NicBlock>();
        var peers = new ArrayList<PeerBlock>();
        for (int nic = 0; nic < 2; nic++) {
            blocks.add(new NicBlock(
                    "eth" + (nic + 1),
                    masterNet(nic),
                    nic,
                    0,
                    layout.interfaceBlock(nic),
                    layout.podBlock(nic, 0),
                    List.of()));
            for (int host = 1; host < hosts; host++) {
                peers.add(new PeerBlock("host" + (host + 1), nic, layout.podBlock(nic, host), via(nic, host)));
            }
        }
        return new NetworkPlan(definition, number, blocks, peers);
    }

    public static NetworkPlan withPeers(NetworkPlan plan, PeerBlock... peers) {
        return new NetworkPlan(plan.network(), plan.number(), plan.blocks(), List.of(peers));
    }

    public static Cidr masterNet(int nic) {
        return Cidr.parse("10.0." + (nic + 1) + ".0/24");
    }

    public static IpAddress via(int nic, int host) {
        return IpAddress.parse("10.0." + (nic + 1) + "." + (host + 1));
    }

    public static NodeNic nic(String name, String... addresses) {
        PrefixedAddress first = PrefixedAddress.parse(addresses[0]);
        return new NodeNic(
                name,
                first.network(),
                first.address(),
                Arrays.stream(addresses).map(PrefixedAddress::parse).toList(),
                true,
                null,
                1500,
                DeviceFacts.NONE);
    }

    public static List<LocalNic> localNics() {
        return List.of(
                new LocalNic("eth1", 11, List.of(masterNet(0))), new LocalNic("eth2", 12, List.of(masterNet(1))));
    }
}
