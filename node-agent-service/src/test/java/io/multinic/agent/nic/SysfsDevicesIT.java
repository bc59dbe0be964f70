package io.multinic.agent.nic;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.kernel.Link;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Reads a directory with the layout of sysfs.
class SysfsDevicesIT {
    @TempDir
    private Path sysfs;

    private static Link link(String name, int index) {
        return new Link(index, name, "", "", 1, Link.OperState.UP, 1500, null, 0, 0, -1, 0, "", "");
    }

    private void write(String path, String text) throws IOException {
        Path file = sysfs.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text + "\n");
    }

    private void symlink(String path, String target) throws IOException {
        Path file = sysfs.resolve(path);
        Files.createDirectories(file.getParent());
        Files.createSymbolicLink(file, sysfs.resolve(target));
    }

    private void pciFunction(String path, String numaNode) throws IOException {
        write(path + "/vendor", "0x15b3");
        write(path + "/device", "0x101b");
        write(path + "/numa_node", numaNode);
    }

    @Test
    void allFactsOfAPciNicAreRead() throws IOException {
        String pci = "devices/pci0000:3a/0000:3a:00.0/0000:3b:00.0";
        pciFunction(pci, "1");
        Files.createDirectories(sysfs.resolve("bus/pci/drivers/mlx5_core"));
        symlink(pci + "/driver", "bus/pci/drivers/mlx5_core");
        symlink("class/net/ens1/device", pci);
        write("class/net/ens1/ifindex", "7");
        write("class/net/ens1/speed", "200000");

        assertThat(new SysfsDevices(sysfs).facts(link("ens1", 7)))
                .isEqualTo(new DeviceFacts("0000:3b:00.0", "15b3", "101b", "mlx5_core", 1, 200_000));
    }

    @Test
    void virtioNicHasTheFactsOfItsPciFunction() throws IOException {
        String pci = "devices/pci0000:00/0000:00:03.0";
        pciFunction(pci, "-1");
        Files.createDirectories(sysfs.resolve("bus/virtio/drivers/virtio_net"));
        symlink(pci + "/virtio0/driver", "bus/virtio/drivers/virtio_net");
        symlink("class/net/eth1/device", pci + "/virtio0");
        write("class/net/eth1/ifindex", "3");
        write("class/net/eth1/speed", "-1");

        assertThat(new SysfsDevices(sysfs).facts(link("eth1", 3)))
                .isEqualTo(new DeviceFacts("0000:00:03.0", "15b3", "101b", "virtio_net", null, null));
    }

    @Test
    void linkOfTheSameNameInAnotherNamespaceIsIgnored() throws IOException {
        pciFunction("devices/pci0000:00/0000:00:03.0", "0");
        symlink("class/net/eth1/device", "devices/pci0000:00/0000:00:03.0");
        write("class/net/eth1/ifindex", "3");

        assertThat(new SysfsDevices(sysfs).facts(link("eth1", 4))).isEqualTo(DeviceFacts.NONE);
    }

    @Test
    void virtualLinkHasAtMostASpeed() throws IOException {
        write("class/net/eth1/ifindex", "3");
        write("class/net/eth1/speed", "10000");

        assertThat(new SysfsDevices(sysfs).facts(link("eth1", 3)))
                .isEqualTo(new DeviceFacts(null, null, null, null, null, 10_000));
    }

    @Test
    void allFactsAreUnknownWithoutSysfs() {
        assertThat(new SysfsDevices(sysfs.resolve("missing")).facts(link("eth1", 3)))
                .isEqualTo(DeviceFacts.NONE);
    }
}
