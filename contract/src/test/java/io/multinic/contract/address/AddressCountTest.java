package io.multinic.contract.address;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressCountTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.1.0/24, 256",
        "10.0.1.1/32, 1",
        "fd00::/64, 18446744073709551616",
        "::/0, 340282366920938463463374607431768211456"
    })
    void countOfABlockIsExact(String block, String count) {
        assertThat(AddressCount.in(Cidr.parse(block))).hasToString(count);
        assertThat(AddressCount.parse(count)).isEqualTo(AddressCount.in(Cidr.parse(block)));
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.1.1, 1",
        "10.0.1.250-10.0.2.5, 12",
        "fd00::1-fd00:0:0:1::, 18446744073709551616",
        "::/0, 340282366920938463463374607431768211456"
    })
    void countOfARangeIsExact(String range, String count) {
        assertThat(AddressCount.in(AddressRange.parse(range))).hasToString(count);
    }

    @Test
    void sumsAndDifferencesAreExact() {
        var wide = AddressCount.in(Cidr.parse("fd00::/64"));
        assertThat(wide.minus(AddressCount.of(1)).plus(AddressCount.of(2))).hasToString("18446744073709551617");
        assertThat(wide).isGreaterThan(AddressCount.of(Long.MAX_VALUE));
        assertThatThrownBy(() -> AddressCount.ZERO.minus(wide)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "+1", "01", "1.5", "1e3", "0x10", "11111111111111111111111111111111111111111"})
    void invalidCountIsRefused(String text) {
        assertThatThrownBy(() -> AddressCount.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "'");
    }
}
