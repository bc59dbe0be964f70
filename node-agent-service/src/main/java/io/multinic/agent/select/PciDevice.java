package io.multinic.agent.select;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// A PCI device with the bridges above it.
///
/// @param address as the kernel writes it, `0000:3b:00.0`
/// @param hostBridge the kernel's name of the root bus, `pci0000:3a`
/// @param bridges addresses of the bridges from the root port down; empty for a device of the root bus
/// @param numaNode -1 if it is unknown, as on a machine with one node
public record PciDevice(String address, String hostBridge, List<String> bridges, int numaNode) {
    private static final Pattern ROOT = Pattern.compile("pci[0-9a-f]{4,}:[0-9a-f]{2}");
    private static final Pattern ADDRESS = Pattern.compile("[0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]");

    public PciDevice {
        bridges = List.copyOf(bridges);
    }

    /// The device of a path below `/sys/devices` whose links are resolved; empty if the path is no PCI device.
    public static Optional<PciDevice> ofPath(String path, int numaNode) {
        List<String> names = Arrays.asList(path.split("/"));
        for (int root = 0; root < names.size(); root++) {
            if (ROOT.matcher(names.get(root)).matches()) {
                List<String> devices = names.subList(root + 1, names.size());
                if (devices.isEmpty()
                        || !devices.stream()
                                .allMatch(name -> ADDRESS.matcher(name).matches())) {
                    return Optional.empty();
                }
                return Optional.of(new PciDevice(
                        devices.getLast(), names.get(root), devices.subList(0, devices.size() - 1), numaNode));
            }
        }
        return Optional.empty();
    }
}
