package io.multinic.agent.gpu;

import io.multinic.agent.select.PciDevice;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Finds PCI devices in sysfs, and the GPUs that device plugins name by ids of their own.
///
/// NVIDIA's plugin names GPUs by UUID, which its driver lists in `/proc/driver/nvidia/gpus`; AMD's by PCI address;
/// Intel's by the DRM card. Whatever cannot be read is an unknown device, never an error.
public final class SysfsGpus {
    private static final Pattern ADDRESS = Pattern.compile("[0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]");
    private static final Pattern CARD = Pattern.compile("(card\\d+)(?:-\\d+)?");
    private static final Pattern UUID_LINE = Pattern.compile("GPU UUID:\\s*(\\S+)");

    /// PCI classes: display controllers, and processing accelerators.
    private static final Pattern GPU_CLASS = Pattern.compile("0x(?:03|12)[0-9a-f]{4}");

    private final Path sysfs;
    private final Path nvidiaGpus;

    /// @param sysfs mount point of sysfs, `/sys`
    /// @param procfs mount point of procfs, `/proc`
    public SysfsGpus(Path sysfs, Path procfs) {
        this.sysfs = sysfs;
        this.nvidiaGpus = procfs.resolve("driver/nvidia/gpus");
    }

    /// The GPU with an id of a device plugin; empty if the id is that of another kind of device.
    Optional<PciDevice> gpu(String id) {
        return address(id).filter(this::isGpu).flatMap(this::device);
    }

    /// The PCI device of an address.
    Optional<PciDevice> device(String address) {
        Path entry = sysfs.resolve("bus/pci/devices").resolve(address);
        try {
            return PciDevice.ofPath(entry.toRealPath().toString(), numaNode(entry));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private Optional<String> address(String id) {
        if (ADDRESS.matcher(id).matches()) {
            return Optional.of(id);
        }
        Matcher card = CARD.matcher(id);
        if (card.matches()) {
            return cardAddress(card.group(1));
        }
        return nvidiaAddress(id);
    }

    private Optional<String> cardAddress(String card) {
        try {
            return Optional.of(sysfs.resolve("class/drm")
                    .resolve(card)
                    .resolve("device")
                    .toRealPath()
                    .getFileName()
                    .toString());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /// A replica of a shared GPU has the GPU's UUID with a suffix after `::`.
    private Optional<String> nvidiaAddress(String id) {
        String uuid = id.replaceFirst("::.*", "");
        try (var directories = Files.newDirectoryStream(nvidiaGpus)) {
            for (Path directory : directories) {
                Matcher line = UUID_LINE.matcher(Files.readString(directory.resolve("information")));
                if (line.find() && line.group(1).equals(uuid)) {
                    return Optional.of(directory.getFileName().toString());
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            return Optional.empty(); // no such driver
        }
        return Optional.empty();
    }

    private boolean isGpu(String address) {
        return GPU_CLASS
                .matcher(text(sysfs.resolve("bus/pci/devices").resolve(address).resolve("class")))
                .matches();
    }

    private static int numaNode(Path device) {
        String text = text(device.resolve("numa_node"));
        return text.matches("\\d{1,4}") ? Integer.parseInt(text) : -1;
    }

    private static String text(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return "";
        }
    }
}
