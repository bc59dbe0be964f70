package io.multinic.contract.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NetworkDefinitionTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "192.168.0.0/16             | 10.0.1.0/24             | 8 | 9 | use a larger subnet or smaller blocks",
                "192.168.0.0/16             | 10.0.1.0/24 10.0.2.0/24 | 0 | 8 | has room for 1",
                "192.168.0.0/16             | 10.0.1.0/24             | -1 | 8 | must not be negative",
                "192.168.0.0/16             | 10.0.1.0/24 10.0.1.0/24 | 2 | 8 | names 10.0.1.0/24 twice",
                "192.168.0.0/16 10.0.0.0/8  | 10.0.1.0/24             | 2 | 8 | more than one IPV4 subnet"
            })
    void blocksThatDoNotFitAreRefusedWithTheReason(
            String subnets, String masterNets, int interfaceBlock, int hostBlock, String reason) {
        assertThatThrownBy(() -> new NetworkDefinition(
                        "n", cidrs(subnets), cidrs(masterNets), interfaceBlock, hostBlock, List.of(), true))
                .isInstanceOfSatisfying(
                        MultiNicException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_NETWORK))
                .hasMessageContaining("network n: ")
                .hasMessageContaining(reason);
    }

    @Test
    void dualStackAndHostSubnetModeAreWellFormed() {
        assertThat(new NetworkDefinition("n", cidrs("192.168.0.0/16 fd00::/48"), null, 2, 6, null, true).subnets())
                .hasSize(2);
        assertThat(new NetworkDefinition("n", null, null, 0, 4, null, true).subnets())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "10.0.1.0/24 10.0.2.0/30  | 0  | 3   | the NICs' network 10.0.2.0/30 divided by hostBlock 3 needs 33 bits",
                "fd00:1::/64              | 0  | 65  | fd00:1::/64 divided by hostBlock 65 needs 129 bits",
                "10.0.0.0/16 10.0.2.0/24  | 0  | 3   | masterNets 10.0.0.0/16 and 10.0.2.0/24 overlap",
                "10.0.1.0/24              | -1 | 3   | must not be negative",
                "10.0.1.0/24              | 0  | -3  | must not be negative",
                "10.0.1.0/24              | 0  | 129 | not above 128"
            })
    void networkThatHostSubnetModeCannotDivideIsRefusedWithTheReason(
            String masterNets, int interfaceBlock, int hostBlock, String reason) {
        assertThatThrownBy(() ->
                        new NetworkDefinition("n", null, cidrs(masterNets), interfaceBlock, hostBlock, null, true))
                .isInstanceOfSatisfying(
                        MultiNicException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_NETWORK))
                .hasMessageContaining("network n: ")
                .hasMessageContaining(reason);
    }

    @Test
    void interfaceBlockIsIgnoredInHostSubnetMode() {
        var network = new NetworkDefinition("n", null, cidrs("10.0.1.0/24 10.0.2.0/24"), 0, 8, null, true);
        assertThat(network.dividesNicNetworks()).isTrue();
        assertThat(network.whyNotDivisible(Cidr.parse("10.0.3.0/24"))).isNull();
    }

    private static List<Cidr> cidrs(String text) {
        return Stream.of(text.trim().split(" +")).map(Cidr::parse).toList();
    }
}
