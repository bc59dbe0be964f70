package io.multinic.contract.address;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CidrTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.1.0/24, 10.0.1.255, 256",
        "0.0.0.0/0, 255.255.255.255, 4294967296",
        "10.0.0.1/32, 10.0.0.1, 1",
        "fd00:10::/56, fd00:10:0:ff:ffff:ffff:ffff:ffff, 9223372036854775807",
        "fd00::/66, fd00::3fff:ffff:ffff:ffff, 4611686018427387904",
        "::/0, ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, 9223372036854775807"
    })
    void lastAddressAndSizeAreExact(String text, String last, long size) {
        var cidr = Cidr.parse(text);
        assertThat(cidr).hasToString(text);
        assertThat(cidr.last()).hasToString(last);
        assertThat(cidr.size()).isEqualTo(size);
    }

    @Test
    void hostBitsAreRefusedWithTheIntendedNetwork() {
        assertThatThrownBy(() -> Cidr.parse("10.0.1.5/24")).hasMessageContaining("10.0.1.0/24");
        assertThat(Cidr.parseLenient("10.0.1.5/24")).isEqualTo(Cidr.parse("10.0.1.0/24"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "::/129", "/8", "x/8"})
    void invalidCidrIsRefused(String text) {
        assertThatThrownBy(() -> Cidr.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    /// Compares containment and overlap with the comparison of first and last addresses.
    @Test
    void containmentAgreesWithRangesSeed7() {
        var random = new Random(7);
        for (int round = 0; round < 20_000; round++) {
            var address = IpAddressTest.randomAddress(random);
            var one = Cidr.containing(address, random.nextInt(address.family().bits() + 1));
            var near = random.nextBoolean() ? address : IpAddressTest.randomAddress(random);
            var two = Cidr.containing(near, random.nextInt(near.family().bits() + 1));
            boolean sameFamily = one.family() == two.family();
            assertThat(one.contains(two))
                    .isEqualTo(sameFamily
                            && one.first().compareTo(two.first()) <= 0
                            && one.last().compareTo(two.last()) >= 0);
            assertThat(one.overlaps(two))
                    .isEqualTo(sameFamily
                            && one.first().compareTo(two.last()) <= 0
                            && two.first().compareTo(one.last()) <= 0);
        }
    }

    @Test
    void prefixedAddressKeepsItsHostBits() {
        var address = PrefixedAddress.parse("10.0.1.5/24");
        assertThat(address).hasToString("10.0.1.5/24");
        assertThat(address.network()).isEqualTo(Cidr.parse("10.0.1.0/24"));
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.1.0/24, 10.0.1.0 10.0.1.255",
        "10.0.1.4/30, 10.0.1.4 10.0.1.7",
        "10.0.1.4/31, ''",
        "10.0.1.4/32, ''",
        "fd00::/64, fd00::",
        "fd00::/126, fd00::",
        "fd00::/127, ''"
    })
    void specialAddressesAreThoseThatNoHostCanHaveOnALink(String block, String special) {
        assertThat(Cidr.parse(block).specialAddresses().stream()
                        .map(IpAddress::toString)
                        .collect(java.util.stream.Collectors.joining(" ")))
                .isEqualTo(special);
    }
}
