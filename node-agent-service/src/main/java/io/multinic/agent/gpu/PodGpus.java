package io.multinic.agent.gpu;

import io.multinic.agent.nic.NodeNic;
import io.multinic.agent.select.PciDevice;
import io.multinic.agent.select.Topology;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/// Finds the GPUs that the kubelet has assigned to a pod, and their places and those of the NICs in the PCI tree.
public final class PodGpus {
    private static final String CHECKPOINT = "kubelet_internal_checkpoint";

    private final Path devicePlugins;
    private final SysfsGpus devices;
    private final JsonMapper json = JsonMapper.builder().build();

    /// @param devicePlugins the kubelet's directory of device plugins
    public PodGpus(Path devicePlugins, SysfsGpus devices) {
        this.devicePlugins = devicePlugins;
        this.devices = devices;
    }

    /// @throws MultiNicException TRY_AGAIN_LATER if the kubelet's assignments cannot be read
    public Topology topology(String podUid, List<NodeNic> nics) {
        Map<String, PciDevice> places = new HashMap<>();
        for (NodeNic nic : nics) {
            String address = nic.device().pciAddress();
            if (address != null) {
                devices.device(address).ifPresent(device -> places.put(nic.name(), device));
            }
        }
        return new Topology(gpus(podUid), places);
    }

    private List<PciDevice> gpus(String podUid) {
        return assignments().stream()
                .filter(assignment -> assignment.podUid().equals(podUid))
                .flatMap(assignment -> assignment.ids().stream())
                .map(devices::gpu)
                .flatMap(Optional::stream)
                .distinct()
                .toList();
    }

    private List<DeviceAssignment> assignments() {
        Path checkpoint = devicePlugins.resolve(CHECKPOINT);
        try {
            return DeviceCheckpoint.parse(Files.readAllBytes(checkpoint), json);
        } catch (NoSuchFileException e) {
            if (Files.isDirectory(devicePlugins)) {
                return List.of(); // no device plugin has ever registered
            }
            throw unreadable(checkpoint, e);
        } catch (IOException | IllegalArgumentException e) {
            throw unreadable(checkpoint, e);
        }
    }

    private static MultiNicException unreadable(Path checkpoint, Exception cause) {
        return new MultiNicException(
                ErrorCode.TRY_AGAIN_LATER,
                "attachPolicy.strategy topology: the kubelet's assignments of devices cannot be read from " + checkpoint
                        + " (" + cause.getMessage() + "); check multi-nic.agent.device-plugins and the agent's mounts",
                cause);
    }
}
