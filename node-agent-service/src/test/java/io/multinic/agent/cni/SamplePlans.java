package io.multinic.agent.cni;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.IpFamily;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NetworkPlan;
import io.multinic.contract.wire.NicBlock;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.PeerBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Plans for nodes that each have eth1 in 10.0.1.0/24 and eth2 in 10.0.2.0/24.
final class SamplePlans {
    static final String NETWORK = "multi-nic-sample";

    private SamplePlans() {}

    /// The sample of the compatibility contract, with a subnet of each family.
    static NodePlan dualStack(int host, int hosts) {
        return of(host, hosts, true, List.of(Cidr.parse("192.168.0.0/16"), Cidr.parse("fd10::/48")), 6);
    }

    static NodePlan sample(int host, int hosts) {
        return of(host, hosts, true, List.of(Cidr.parse("192.168.0.0/16")), 6);
    }

    /// Each node has two addresses on each NIC.
    static NodePlan tiny(int host, int hosts) {
        return of(host, hosts, true, List.of(Cidr.parse("192.168.0.0/16")), 13);
    }

    /// In host-subnet mode: blocks of 64 addresses of the NICs' own networks, around the hosts' own
    /// addresses, all of which lie in the block of the first host.
    static NodePlan hostSubnet(int host, int hosts, boolean hostRoutes) {
        var masterNets = List.of(Cidr.parse("10.0.1.0/24"), Cidr.parse("10.0.2.0/24"));
        var definition = new NetworkDefinition(NETWORK, List.of(), masterNets, 0, 2, List.of(), hostRoutes);
        List<NicBlock> blocks = new ArrayList<>();
        List<PeerBlock> peers = new ArrayList<>();
        for (int nic = 0; nic < 2; nic++) {
            Cidr net = masterNets.get(nic);
            for (int owner = 0; owner < hosts; owner++) {
                Cidr block = new Cidr(net.network().plus(owner, 6), 26);
                List<Cidr> excluded = owner > 0
                        ? List.of()
                        : IntStream.range(0, hosts)
                                .mapToObj(each -> new Cidr(net.network().plus(each + 1), 32))
                                .toList();
                if (owner == host) {
                    blocks.add(new NicBlock("eth" + (nic + 1), net, nic, host, net, block, excluded));
                } else {
                    peers.add(new PeerBlock("node" + owner, nic, block, via(net, nic, owner), excluded));
                }
            }
        }
        var network = new NetworkPlan(definition, 0, blocks, peers);
        return new NodePlan("node" + host, "uid" + host, 1, List.of(network));
    }

    /// The sample and a second network with the same NICs and addresses.
    static NodePlan withSecondNetwork(String name) {
        var plan = sample(0, 2);
        var first = plan.networks().getFirst();
        var d = first.network();
        var definition = new NetworkDefinition(
                name, d.subnets(), d.masterNets(), d.interfaceBlock(), d.hostBlock(), d.excludes(), d.hostRoutes());
        var second = new NetworkPlan(definition, 1, first.blocks(), first.peers());
        return new NodePlan(plan.node(), plan.nodeUid(), plan.revision(), List.of(first, second));
    }

    private static NodePlan of(int host, int hosts, boolean hostRoutes, List<Cidr> subnets, int hostBlock) {
        var masterNets = List.of(Cidr.parse("10.0.1.0/24"), Cidr.parse("10.0.2.0/24"));
        var definition = new NetworkDefinition(NETWORK, subnets, masterNets, 2, hostBlock, List.of(), hostRoutes);
        List<NicBlock> blocks = new ArrayList<>();
        List<PeerBlock> peers = new ArrayList<>();
        for (int nic = 0; nic < 2; nic++) {
            for (Cidr subnet : subnets) {
                var layout = definition.layout(subnet);
                blocks.add(new NicBlock(
                        "eth" + (nic + 1),
                        masterNets.get(nic),
                        nic,
                        host,
                        layout.interfaceBlock(nic),
                        layout.podBlock(nic, host),
                        List.of()));
                for (int peer = 0; peer < hosts; peer++) {
                    if (peer != host) {
                        peers.add(
                                new PeerBlock("node" + peer, nic, layout.podBlock(nic, peer), via(subnet, nic, peer)));
                    }
                }
            }
        }
        var network = new NetworkPlan(definition, 0, blocks, peers);
        return new NodePlan("node" + host, "uid" + host, 1, List.of(network));
    }

    private static IpAddress via(Cidr subnet, int nic, int peer) {
        return IpAddress.parse(
                subnet.family() == IpFamily.IPV4
                        ? "10.0." + (nic + 1) + "." + (peer + 1)
                        : "fd00:" + (nic + 1) + "::" + (peer + 1));
    }
}
