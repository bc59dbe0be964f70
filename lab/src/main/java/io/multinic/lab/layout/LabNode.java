package io.multinic.lab.layout;

import io.multinic.contract.address.PrefixedAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// A node: a network namespace with the node's name, a management NIC and data NICs.
public record LabNode(String name, NodeNic management, List<NodeNic> nics) {
    public LabNode {
        nics = List.copyOf(nics);
    }

    /// A NIC of the node, and the bridge to which its peer is attached.
    public record NodeNic(String name, String bridge, PrefixedAddress address) {
        /// A locally administered MAC address, derived from the IP address so that it is stable when the node is
        /// recreated.
        String mac() {
            return "02:00"
                    + Arrays.stream(address.address().toString().split("\\."))
                            .map(octet -> String.format(Locale.ROOT, ":%02x", Integer.parseInt(octet)))
                            .collect(Collectors.joining());
        }
    }

    /// A command line that runs `command` in the node's network namespace, with the `/sys` of that namespace.
    public List<String> inside(List<String> command) {
        var line = new ArrayList<>(List.of("ip", "netns", "exec", name));
        line.addAll(command);
        return line;
    }
}
