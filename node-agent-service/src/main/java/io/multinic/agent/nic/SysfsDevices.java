package io.multinic.agent.nic;

import io.multinic.agent.kernel.Link;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads hardware facts from `/sys/class/net/<link>`; a file that cannot be read is an unknown fact, never an error.
///
/// sysfs shows the links of the namespace that mounted it. An entry is used only if its index is that of the link, so
/// that a link never gets the hardware of a link of the same name in another namespace.
public final class SysfsDevices {
    private static final Pattern PCI_ADDRESS = Pattern.compile("[0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]");

    private final Path classNet;

    /// @param sysfs mount point of sysfs, `/sys`
    public SysfsDevices(Path sysfs) {
        this.classNet = sysfs.resolve("class/net");
    }

    DeviceFacts facts(Link link) {
        Path entry = classNet.resolve(link.name());
        if (!Integer.toString(link.index()).equals(text(entry.resolve("ifindex")))) {
            return DeviceFacts.NONE;
        }
        Integer speed = positive(text(entry.resolve("speed")));
        Optional<Path> device = pciDevice(entry.resolve("device"));
        if (device.isEmpty()) {
            return new DeviceFacts(null, null, null, null, null, speed);
        }
        Path pci = device.get();
        return new DeviceFacts(
                pci.getFileName().toString(),
                hexId(text(pci.resolve("vendor"))),
                hexId(text(pci.resolve("device"))),
                driver(entry.resolve("device")),
                numaNode(text(pci.resolve("numa_node"))),
                speed);
    }

    /// The PCI function of the device, or the one that it is a child of, as with virtio.
    private static Optional<Path> pciDevice(Path device) {
        try {
            for (Path path = device.toRealPath(); path != null && path.getFileName() != null; path = path.getParent()) {
                if (PCI_ADDRESS.matcher(path.getFileName().toString()).matches()) {
                    return Optional.of(path);
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static @Nullable String driver(Path device) {
        try {
            return device.resolve("driver").toRealPath().getFileName().toString();
        } catch (IOException e) {
            return null;
        }
    }

    private static @Nullable String hexId(@Nullable String text) {
        return text != null && text.startsWith("0x") ? text.substring(2) : null;
    }

    /// The speed of a link without carrier is -1 or unreadable; that of a virtual link may be 0 or the largest
    /// unsigned number.
    private static @Nullable Integer positive(@Nullable String text) {
        Integer value = number(text);
        return value != null && value > 0 ? value : null;
    }

    private static @Nullable Integer numaNode(@Nullable String text) {
        Integer value = number(text);
        return value != null && value >= 0 ? value : null;
    }

    private static @Nullable Integer number(@Nullable String text) {
        try {
            return text == null ? null : Integer.valueOf(text);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static @Nullable String text(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return null;
        }
    }
}
