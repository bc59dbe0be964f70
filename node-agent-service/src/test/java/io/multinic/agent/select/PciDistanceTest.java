package io.multinic.agent.select;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Distances between a GPU behind two switches, on NUMA node 0, and other devices.
class PciDistanceTest {
    private static final PciDevice GPU =
            device("pci0000:10/0000:10:01.0/0000:11:00.0/0000:12:00.0/0000:13:00.0/0000:14:00.0/0000:15:00.0", 0);

    private static PciDevice device(String path, int numaNode) {
        return PciDevice.ofPath("/sys/devices/" + path, numaNode).orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({
        "same switch, PIX, pci0000:10/0000:10:01.0/0000:11:00.0/0000:12:00.0/0000:13:00.0/0000:14:01.0/0000:16:00.0, 0",
        "switch above, PXB, pci0000:10/0000:10:01.0/0000:11:00.0/0000:12:01.0/0000:17:00.0, 0",
        "other root port, PHB, pci0000:10/0000:10:02.0/0000:18:00.0, 0",
        "root bus itself, PHB, pci0000:10/0000:10:1f.0, 0",
        "other host bridge, NODE, pci0000:20/0000:20:01.0/0000:21:00.0, 0",
        "other node, SYS, pci0000:20/0000:20:01.0/0000:21:00.0, 1",
        "node unknown, SYS, pci0000:20/0000:20:01.0/0000:21:00.0, -1",
    })
    void distance(String place, PciDistance distance, String path, int numaNode) {
        PciDevice other = device(path, numaNode);
        assertThat(PciDistance.between(GPU, other)).as(place).isEqualTo(distance);
        assertThat(PciDistance.between(other, GPU)).as(place).isEqualTo(distance);
    }

    @Test
    void functionsOfOneRootPortAreNear() {
        assertThat(PciDistance.between(
                        device("pci0000:10/0000:10:02.0/0000:18:00.0", 0),
                        device("pci0000:10/0000:10:02.0/0000:18:00.1", 0)))
                .isEqualTo(PciDistance.PIX);
    }

    @Test
    void otherPathsAreNoPciDevices() {
        assertThat(PciDevice.ofPath("/sys/devices/virtual/net/lo", -1)).isEmpty();
        assertThat(PciDevice.ofPath("/sys/devices/pci0000:00", -1)).isEmpty();
        assertThat(PciDevice.ofPath("/sys/devices/pci0000:00/0000:00:03.0/virtio0", -1))
                .isEmpty();
    }
}
