package io.multinic.agent.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.multinic.agent.nic.DeviceFacts;
import io.multinic.agent.nic.NodeNic;
import io.multinic.agent.select.PciDevice;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// GPUs of pods, from directories with the files of kernel and kubelet.
class PodGpusIT {
    private static final String CHECKPOINT = """
        {"Data":{"PodDeviceEntries":[
          {"PodUID":"pod-a","ContainerName":"main","ResourceName":"nvidia.com/gpu",
           "DeviceIDs":{"0":["GPU-22222222"],"1":["GPU-11111111::3"]},"AllocResp":"CgA="},
          {"PodUID":"pod-a","ContainerName":"main","ResourceName":"example.org/nic",
           "DeviceIDs":{"-1":["0000:31:00.0"]},"AllocResp":""},
          {"PodUID":"pod-b","ContainerName":"main","ResourceName":"amd.com/gpu","DeviceIDs":["0000:41:00.0"]},
          {"PodUID":"pod-c","ContainerName":"main","ResourceName":"gpu.intel.com/i915","DeviceIDs":["card1-0"]}],
         "RegisteredDevices":{"nvidia.com/gpu":["GPU-11111111","GPU-22222222"]}},"Checksum":1}""";

    @TempDir
    private Path root;

    private Path devicePlugins;
    private PodGpus gpus;

    @BeforeEach
    void describeNode() throws IOException {
        devicePlugins = Files.createDirectories(root.resolve("device-plugins"));
        gpus = new PodGpus(devicePlugins, new SysfsGpus(root.resolve("sys"), root.resolve("proc")));
        pci("pci0000:10/0000:10:01.0/0000:11:00.0", "0x030200", 0);
        pci("pci0000:20/0000:20:01.0/0000:21:00.0", "0x030200", 1);
        pci("pci0000:30/0000:30:01.0/0000:31:00.0", "0x020000", 0);
        pci("pci0000:40/0000:40:01.0/0000:41:00.0", "0x120000", 0);
        Path intel = pci("pci0000:50/0000:50:01.0/0000:51:00.0", "0x038000", -1);
        Files.createDirectories(root.resolve("sys/class/drm/card1"));
        Files.createSymbolicLink(root.resolve("sys/class/drm/card1/device"), intel);
        nvidia("0000:11:00.0", "GPU-11111111");
        nvidia("0000:21:00.0", "GPU-22222222");
    }

    private Path pci(String path, String deviceClass, int numaNode) throws IOException {
        Path device = Files.createDirectories(root.resolve("sys/devices").resolve(path));
        Files.writeString(device.resolve("class"), deviceClass + "\n");
        Files.writeString(device.resolve("numa_node"), numaNode + "\n");
        Path entries = Files.createDirectories(root.resolve("sys/bus/pci/devices"));
        Files.createSymbolicLink(entries.resolve(device.getFileName()), device);
        return device;
    }

    private void nvidia(String address, String uuid) throws IOException {
        Path gpu =
                Files.createDirectories(root.resolve("proc/driver/nvidia/gpus").resolve(address));
        Files.writeString(
                gpu.resolve("information"), "Model: \t\t Example\nGPU UUID: \t " + uuid + "\nDevice Minor: 0\n");
    }

    private void checkpoint(String text) throws IOException {
        Files.writeString(devicePlugins.resolve("kubelet_internal_checkpoint"), text);
    }

    private List<String> addresses(String podUid) {
        return gpus.topology(podUid, List.of()).gpus().stream()
                .map(PciDevice::address)
                .toList();
    }

    @Test
    void gpusOfEachVendorAreFoundByTheIdsOfTheirPlugins() throws IOException {
        checkpoint(CHECKPOINT);
        assertThat(addresses("pod-a")).containsExactly("0000:21:00.0", "0000:11:00.0");
        assertThat(addresses("pod-b")).containsExactly("0000:41:00.0");
        assertThat(addresses("pod-c")).containsExactly("0000:51:00.0");
        assertThat(addresses("pod-d")).isEmpty();
    }

    @Test
    void placesOfGpusAndNicsAreThoseOfSysfs() throws IOException {
        checkpoint(CHECKPOINT);
        var facts = new DeviceFacts("0000:31:00.0", null, null, null, null, null);
        var nics = List.of(
                new NodeNic("eth1", null, null, List.of(), true, null, 0, facts),
                new NodeNic("virtual", null, null, List.of(), true, null, 0, DeviceFacts.NONE));
        var topology = gpus.topology("pod-b", nics);
        assertThat(topology.gpus())
                .containsExactly(new PciDevice("0000:41:00.0", "pci0000:40", List.of("0000:40:01.0"), 0));
        assertThat(topology.nics()).containsOnlyKeys("eth1");
        assertThat(topology.nics().get("eth1"))
                .isEqualTo(new PciDevice("0000:31:00.0", "pci0000:30", List.of("0000:30:01.0"), 0));
    }

    @Test
    void nodeWithoutDevicePluginsHasNoGpus() {
        assertThat(addresses("pod-a")).isEmpty();
    }

    @Test
    void unreadableAssignmentsAreNoMissingGpus() throws IOException {
        checkpoint("{\"Data\":");
        requireRefused("not JSON");
        Files.delete(devicePlugins.resolve("kubelet_internal_checkpoint"));
        Files.delete(devicePlugins);
        requireRefused("device-plugins");
    }

    private void requireRefused(String reason) {
        assertThatThrownBy(() -> gpus.topology("pod-a", List.of()))
                .isInstanceOfSatisfying(
                        MultiNicException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TRY_AGAIN_LATER))
                .hasMessageContaining(reason);
    }
}
