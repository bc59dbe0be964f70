package io.multinic.lab.layout;

import io.multinic.contract.address.PrefixedAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// A node: a network namespace of the node's name with a management NIC and its data NICs.
public record LabNode(String name, NodeNic management, List<NodeNic> nics) {
    public LabNode {
        nics = List.copyOf(nics);
    }

    /// A NIC of the node and the bridge that its other end is on.
    public record NodeNic(String name, String bridge, PrefixedAddress address) {
        /// A locally administered one made of the address: it is the same when the node is made again.
        String mac() {
            return "02:00"
                    + Arrays.stream(address.address().toString().split("\\."))
                            .map(octet -> String.format(Locale.ROOT, ":%02x", Integer.parseInt(octet)))
                            .collect(Collectors.joining());
        }
    }

    /// `command` as it runs in this node: in its network namespace, with its own `/sys`.
    public List<String> inside(List<String> command) {
        var line = new ArrayList<>(List.of("ip", "netns", "exec", name));
        line.addAll(command);
        return line;
    }
}
