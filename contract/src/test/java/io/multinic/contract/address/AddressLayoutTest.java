package io.multinic.contract.address;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Tests the layout against the values of the original, so that a migrated cluster keeps its blocks.
class AddressLayoutTest {
    @ParameterizedTest
    @CsvSource({
        "192.168.0.0/16, 2, 6, 0, 0, 192.168.0.0/24",
        "192.168.0.0/16, 2, 6, 1, 0, 192.168.64.0/24",
        "192.168.0.0/16, 2, 6, 0, 1, 192.168.1.0/24",
        "192.168.0.0/16, 2, 6, 1, 1, 192.168.65.0/24",
        "192.168.0.0/16, 2, 6, 3, 63, 192.168.255.0/24",
        "192.168.0.0/16, 2, 8, 0, 1, 192.168.0.64/26",
        "192.168.0.0/16, 2, 8, 1, 0, 192.168.64.0/26",
        "192.168.0.0/16, 2, 8, 0, 127, 192.168.31.192/26",
        "192.168.0.0/16, 2, 8, 3, 255, 192.168.255.192/26",
        "192.168.0.0/16, 2, 10, 0, 1, 192.168.0.16/28",
        "192.168.0.0/16, 2, 10, 2, 1, 192.168.128.16/28",
        "192.168.0.0/16, 2, 10, 3, 1023, 192.168.255.240/28",
        "10.0.0.0/8, 3, 10, 5, 1, 10.160.8.0/21",
        "10.0.0.0/8, 3, 10, 5, 1023, 10.191.248.0/21",
        "172.16.0.0/12, 5, 7, 17, 127, 172.24.255.0/24",
        "192.168.0.0/16, 0, 4, 0, 15, 192.168.240.0/20",
        "192.168.0.0/16, 2, 0, 1, 0, 192.168.64.0/18",
        "fd00:10::/56, 2, 6, 1, 3, fd00:10:0:43::/64",
        "fd00::/32, 8, 40, 255, 2147483646, fd00:0:ff00:7fff:fffe::/80"
    })
    void podBlockIsThatOfTheOriginal(
            String subnet, int interfaceBits, int hostBits, int interfaceIndex, int hostIndex, String podBlock) {
        var layout = new AddressLayout(Cidr.parse(subnet), interfaceBits, hostBits);
        assertThat(layout.podBlock(interfaceIndex, hostIndex)).hasToString(podBlock);
        assertThat(layout.interfaceBlock(interfaceIndex).contains(Cidr.parse(podBlock)))
                .isTrue();
    }

    @Test
    void interfaceBlockIsOnLinkForAPod() {
        var layout = new AddressLayout(Cidr.parse("192.168.0.0/16"), 2, 6);
        assertThat(layout.interfaceBlock(0)).hasToString("192.168.0.0/18");
        assertThat(layout.interfaceBlock(1)).hasToString("192.168.64.0/18");
        assertThat(layout.interfaceCount()).isEqualTo(4);
        assertThat(layout.hostCount()).isEqualTo(64);
    }

    @ParameterizedTest
    @CsvSource({"192.168.0.0/16, 8, 9", "fd00::/64, 60, 5", "10.0.0.0/8, 2147483647, 2147483647"})
    void blocksThatDoNotFitAreRefusedWithTheRemedy(String subnet, int interfaceBits, int hostBits) {
        assertThatThrownBy(() -> new AddressLayout(Cidr.parse(subnet), interfaceBits, hostBits))
                .hasMessageContaining(subnet)
                .hasMessageContaining("use a larger subnet or smaller blocks");
    }

    @ParameterizedTest
    @CsvSource({"4, 0", "-1, 0", "0, 64", "0, -1"})
    void indexesOutsideTheLayoutAreRefused(int interfaceIndex, int hostIndex) {
        var layout = new AddressLayout(Cidr.parse("192.168.0.0/16"), 2, 6);
        assertThatThrownBy(() -> layout.podBlock(interfaceIndex, hostIndex)).hasMessageContaining("is not within");
    }
}
