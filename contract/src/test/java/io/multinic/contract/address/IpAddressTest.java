package io.multinic.contract.address;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {
    @ParameterizedTest
    @CsvSource({
        "0.0.0.0, 0.0.0.0",
        "192.168.0.1, 192.168.0.1",
        "255.255.255.255, 255.255.255.255",
        "::, ::",
        "::1, ::1",
        "2001:DB8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "fe80:0:0:0:0:0:0:0, fe80::",
        "1:0:0:2:0:0:0:3, 1:0:0:2::3",
        "::ffff:10.0.0.1, ::ffff:a00:1",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
    })
    void textIsCanonical(String written, String canonical) {
        assertThat(IpAddress.parse(written)).hasToString(canonical);
        assertThat(IpAddress.parse(canonical)).isEqualTo(IpAddress.parse(written));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "1",
                "10.1",
                "10.0.0.256",
                "010.0.0.1",
                "10.0.0.1 ",
                "10.0.0.1.2",
                "localhost",
                "fe80::1%eth0",
                ":::",
                "1::2::3",
                "12345::",
                "::10.0.0.256",
                "g::",
                "a",
                "[::1]",
                "::1/64"
            })
    void invalidAddressIsRefusedWithItsText(String text) {
        assertThatThrownBy(() -> IpAddress.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "'");
    }

    @Test
    void mappedAddressStaysIpv6() {
        assertThat(IpAddress.parse("::ffff:10.0.0.1").family()).isEqualTo(IpFamily.IPV6);
    }

    @ParameterizedTest
    @CsvSource({"255.255.255.255, 1, 0", "0.0.0.0, 1, 32", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, 1, 0", "::, 2, 127"
    })
    void additionPastTheEndOfTheFamilyFails(String base, long index, int shift) {
        assertThatThrownBy(() -> IpAddress.parse(base).plus(index, shift)).isInstanceOf(ArithmeticException.class);
    }

    /// Compares sums, differences, masks and order of random addresses of both families with big integers.
    @Test
    void arithmeticAgreesWithBigIntegersSeed20261124() {
        var random = new Random(20261124);
        for (int round = 0; round < 20_000; round++) {
            var address = randomAddress(random);
            var value = value(address);
            var end = BigInteger.ONE.shiftLeft(address.family().bits());

            int shift = random.nextInt(address.family().bits() + 1);
            long index = random.nextLong() >>> random.nextInt(1, 64);
            var sum = value.add(BigInteger.valueOf(index).shiftLeft(shift));
            if (sum.compareTo(end) < 0) {
                assertThat(value(address.plus(index, shift))).isEqualTo(sum);
            } else {
                assertThatThrownBy(() -> address.plus(index, shift)).isInstanceOf(ArithmeticException.class);
            }

            int prefix = random.nextInt(address.family().bits() + 1);
            int hostBits = address.family().bits() - prefix;
            var masked = address.masked(prefix);
            assertThat(value(masked)).isEqualTo(value.shiftRight(hostBits).shiftLeft(hostBits));
            assertThat(address.minus(masked))
                    .isEqualTo(value.subtract(value(masked))
                            .min(BigInteger.valueOf(Long.MAX_VALUE))
                            .longValueExact());

            assertThat(IpAddress.of(address.bytes())).isEqualTo(address);
            assertThat(IpAddress.parse(address.toString())).isEqualTo(address);
            assertThat(Integer.signum(masked.compareTo(address)))
                    .isEqualTo(value(masked).compareTo(value));
        }
    }

    static IpAddress randomAddress(Random random) {
        byte[] bytes = new byte[random.nextBoolean() ? 4 : 16];
        random.nextBytes(bytes);
        for (int i = 0; i < bytes.length; i++) {
            if (random.nextInt(3) == 0) {
                bytes[i] = (byte) (random.nextBoolean() ? 0 : 0xFF);
            }
        }
        return IpAddress.of(bytes);
    }

    private static BigInteger value(IpAddress address) {
        return new BigInteger(1, address.bytes());
    }
}
