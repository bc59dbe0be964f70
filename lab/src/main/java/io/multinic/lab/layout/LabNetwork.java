package io.multinic.lab.layout;

import io.multinic.lab.layout.LabLayout.Bridge;
import io.multinic.lab.layout.LabNode.NodeNic;
import io.multinic.lab.process.Command;
import java.util.ArrayList;
import java.util.List;

/// Makes a layout real in the network namespace that it is called in, with iproute2.
///
/// Nothing is undone here: the namespace is the lab's own, and the kernel removes all of it when the lab ends.
public final class LabNetwork {
    private static final int SHORTER_THAN_THE_KERNELS_LIMIT = 15;

    private LabNetwork() {}

    /// The bridges first, then each node.
    public static void create(LabLayout layout) {
        createFabrics(layout);
        layout.nodes().forEach(node -> create(layout, node));
    }

    /// The bridges, and the control plane's address.
    public static void createFabrics(LabLayout layout) {
        var links = new ArrayList<String>();
        bridge(links, layout.management());
        layout.fabrics().forEach(fabric -> bridge(links, fabric));
        links.add("addr add " + layout.controlInterface() + " dev "
                + layout.management().name());
        batch(links);
    }

    private static void bridge(List<String> batch, Bridge bridge) {
        // No spanning tree and no learning delay: a port forwards from its first packet.
        batch.add("link add " + bridge.name() + " type bridge stp_state 0 forward_delay 0");
        batch.add("link set " + bridge.name() + " up");
    }

    /// The node's namespace and its NICs.
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
        // What kubelet and systemd set on a node: it forwards, and reverse paths are checked loosely.
        Command.of(node.inside(List.of(
                        "sysctl",
                        "-qw",
                        "net.ipv4.ip_forward=1",
                        "net.ipv6.conf.all.forwarding=1",
                        "net.ipv4.conf.all.rp_filter=2",
                        "net.ipv4.conf.default.rp_filter=2")))
                .run()
                .orThrow();
    }

    /// Undoes `create` of a node; its processes are to be gone already.
    public static void remove(LabNode node) {
        var links = new ArrayList<String>();
        links.add("link delete " + port(node, node.management()));
        node.nics().forEach(nic -> links.add("link delete " + port(node, nic)));
        batch(links);
        Command.of("ip", "netns", "delete", node.name()).run().orThrow();
    }

    private static String port(LabNode node, NodeNic nic) {
        return node.name() + "-" + nic.name();
    }

    private static void join(List<String> outside, List<String> inside, LabNode node, NodeNic nic) {
        String port = port(node, nic);
        if (port.length() > SHORTER_THAN_THE_KERNELS_LIMIT) {
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
