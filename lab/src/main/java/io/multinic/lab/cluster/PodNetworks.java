package io.multinic.lab.cluster;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.lab.layout.LabLayout;
import io.multinic.lab.layout.LabNode;
import io.multinic.lab.process.Command;
import java.util.List;
import java.util.stream.Collectors;

/// The pods' default network: node *n* has 10.244.*n*.0/24; the other nodes and the control plane have routes to it
/// over
/// the management network.
record PodNetworks(LabLayout layout) {

    Cidr of(LabNode node) {
        return Cidr.parse("10.244." + (layout.nodes().indexOf(node) + 1) + ".0/24");
    }

    void routeFromControlPlane() {
        batch(Command.of("ip", "-batch", "-"), layout.nodes());
    }

    void routeFrom(LabNode node) {
        batch(
                Command.of("ip", "-netns", node.name(), "-batch", "-"),
                layout.nodes().stream().filter(other -> !other.equals(node)).toList());
    }

    private void batch(Command ip, List<LabNode> destinations) {
        ip.withInput(destinations.stream()
                        .map(node -> "route replace " + of(node) + " via " + address(node))
                        .collect(Collectors.joining("\n")))
                .run()
                .orThrow();
    }

    private static IpAddress address(LabNode node) {
        return node.management().address().address();
    }
}
