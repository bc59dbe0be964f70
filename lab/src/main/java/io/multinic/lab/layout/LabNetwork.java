package io.multinic.lab.layout;

import io.multinic.lab.layout.LabLayout.Bridge;
import io.multinic.lab.layout.LabNode.NodeNic;
import io.multinic.lab.process.Command;
import java.util.ArrayList;
import java.util.List;

/// Creates the namespaces, bridges and links of a layout in the current network namespace, with iproute2.
///
/// Nothing is undone here: the kernel removes the lab's namespace with everything in it when the lab ends.
public final class LabNetwork {
    private static final int MAX_NAME_LENGTH = 15;

    private LabNetwork() {}

    /// Creates bridges and nodes.
    public static void create(LabLayout layout) {
        createFabrics(layout);
        layout.nodes().forEach(node -> create(layout, node));
    }

    /// Creates the bridges and assigns the control plane's address.
    public static void createFabrics(LabLayout layout) {
        var links = new ArrayList<String>();
        bridge(links, layout.management());
        layout.fabrics().forEach(fabric -> bridge(links, fabric));
        links.add("addr add " + layout.controlInterface() + " dev "
                + layout.management().name());
        batch(links);
    }

    private static void bridge(List<String> batch, Bridge bridge) {
        // Without spanning tree and forward delay a port forwards its first packet.
        batch.add("link add " + bridge.name() + " type bridge stp_state 0 forward_delay 0");
        batch.add("link set " + bridge.name() + " up");
    }

    /// Creates the node's namespace and its NICs.
    public static void create(LabLayout layout, LabNode node) {
        Command.of("ip", "netns", "add", node.name()).run().orThrow();
        var outside = new ArrayList<String>();
        var inside = new ArrayList<String>();
        inside.add("link set lo up");
        join(outside, inside, node, node.management());
        node.nics().forEach(nic -> join(outside, inside, node, nic));
        inside.add("route add default via " + layout.controlAddress());
        batch(outside);
        batch(inside, node.name());
        // As set by kubelet and distributions: forwarding, and strict reverse path filtering.
        Command.of(node.inside(List.of(
                        "sysctl",
                        "-qw",
                        "net.ipv4.ip_forward=1",
                        "net.ipv6.conf.all.forwarding=1",
                        "net.ipv4.conf.all.rp_filter=1",
                        "net.ipv4.conf.default.rp_filter=1")))
                .run()
                .orThrow();
    }

    /// Removes a node's namespace and NICs. Its processes must have ended.
    public static void remove(LabNode node) {
        var links = new ArrayList<String>();
        links.add("link delete " + port(node, node.management()));
        node.nics().forEach(nic -> links.add("link delete " + port(node, nic)));
        batch(links);
        Command.of("ip", "netns", "delete", node.name()).run().orThrow();
    }

    /// Creates a NIC of an existing node.
    public static void create(LabNode node, NodeNic nic) {
        var outside = new ArrayList<String>();
        var inside = new ArrayList<String>();
        join(outside, inside, node, nic);
        batch(outside);
        batch(inside, node.name());
    }

    /// The name of the other end of a NIC, a port of the bridge.
    public static String port(LabNode node, NodeNic nic) {
        return node.name() + "-" + nic.name();
    }

    private static void join(List<String> outside, List<String> inside, LabNode node, NodeNic nic) {
        String port = port(node, nic);
        if (port.length() > MAX_NAME_LENGTH) {
            throw new IllegalArgumentException("the kernel takes no interface name as long as " + port);
        }
        outside.add("link add " + port + " type veth peer name " + nic.name() + " address " + nic.mac() + " netns "
                + node.name());
        outside.add("link set " + port + " master " + nic.bridge() + " up");
        inside.add("addr add " + nic.address() + " dev " + nic.name());
        inside.add("link set " + nic.name() + " up");
    }

    private static void batch(List<String> commands) {
        Command.of("ip", "-batch", "-")
                .withInput(String.join("\n", commands))
                .run()
                .orThrow();
    }

    private static void batch(List<String> commands, String namespace) {
        Command.of("ip", "-netns", namespace, "-batch", "-")
                .withInput(String.join("\n", commands))
                .run()
                .orThrow();
    }
}
