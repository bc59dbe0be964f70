package io.multinic.lab.layout;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.lab.layout.LabNode.NodeNic;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// The nodes of a lab and the networks between them. Pure: `LabNetwork` creates the kernel objects.
///
/// Node *n* has the host number *n* in each of its networks: the management network 10.0.0.0/24 on `eth0`, which has
/// the
/// default route, and 10.0.*f*.0/24 on `eth`*f* for each fabric *f* = 1, 2, … The control plane has 10.0.0.100.
public record LabLayout(List<LabNode> nodes, Bridge management, List<Bridge> fabrics) {
    private static final int CONTROL_PLANE = 100;

    public LabLayout {
        nodes = List.copyOf(nodes);
        fabrics = List.copyOf(fabrics);
    }

    /// A bridge and its network.
    public record Bridge(String name, Cidr network) {
        PrefixedAddress address(int number) {
            return new PrefixedAddress(network.first().plus(number), network.prefixLength());
        }
    }

    public static LabLayout of(int nodeCount, int fabricCount) {
        if (nodeCount < 1 || nodeCount >= CONTROL_PLANE || fabricCount < 1 || fabricCount > 200) {
            throw new IllegalArgumentException("no lab of " + nodeCount + " nodes and " + fabricCount + " fabrics");
        }
        var management = new Bridge("management", Cidr.parse("10.0.0.0/24"));
        List<Bridge> fabrics = IntStream.rangeClosed(1, fabricCount)
                .mapToObj(f -> new Bridge("fabric" + f, Cidr.parse("10.0." + f + ".0/24")))
                .toList();
        List<LabNode> nodes = IntStream.rangeClosed(1, nodeCount)
                .mapToObj(n -> node(n, management, fabrics))
                .toList();
        return new LabLayout(nodes, management, fabrics);
    }

    private static LabNode node(int number, Bridge management, List<Bridge> fabrics) {
        var nics = new ArrayList<NodeNic>();
        for (int f = 0; f < fabrics.size(); f++) {
            nics.add(new NodeNic(
                    "eth" + (f + 1), fabrics.get(f).name(), fabrics.get(f).address(number)));
        }
        return new LabNode("node" + number, new NodeNic("eth0", management.name(), management.address(number)), nics);
    }

    /// A node that does not exist at the start and may join later.
    public LabNode late() {
        return node(nodes.size() + 1, management, fabrics);
    }

    /// The address of the API server, ipam-service and the controller, and the gateway of the nodes' default routes.
    public IpAddress controlAddress() {
        return management.address(CONTROL_PLANE).address();
    }

    /// The control plane's address with its prefix length.
    public PrefixedAddress controlInterface() {
        return management.address(CONTROL_PLANE);
    }

    public LabNode node(String name) {
        return nodes.stream()
                .filter(node -> node.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no node " + name + " in this lab"));
    }
}
