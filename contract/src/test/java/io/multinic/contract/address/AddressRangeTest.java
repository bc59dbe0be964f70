package io.multinic.contract.address;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressRangeTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "10.0.0.4, 10.0.0.4, 10.0.0.4, 1, 10.0.0.4",
        "10.0.0.4/30, 10.0.0.4, 10.0.0.7, 4, 10.0.0.4-10.0.0.7",
        "10.0.0.4-10.0.0.9, 10.0.0.4, 10.0.0.9, 6, 10.0.0.4-10.0.0.9",
        "10.0.0.4 - 10.0.0.4, 10.0.0.4, 10.0.0.4, 1, 10.0.0.4",
        "0.0.0.0/0, 0.0.0.0, 255.255.255.255, 4294967296, 0.0.0.0-255.255.255.255",
        "fd00::-fd00::ff, fd00::, fd00::ff, 256, fd00::-fd00::ff",
        "fd00::/64, fd00::, fd00::ffff:ffff:ffff:ffff, 9223372036854775807, fd00::-fd00::ffff:ffff:ffff:ffff"
    })
    void textIsParsedAndFormatted(String text, String first, String last, long size, String canonical) {
        var range = AddressRange.parse(text);
        assertThat(range.first()).isEqualTo(IpAddress.parse(first));
        assertThat(range.last()).isEqualTo(IpAddress.parse(last));
        assertThat(range.size()).isEqualTo(size);
        assertThat(range).hasToString(canonical);
        assertThat(AddressRange.parse(canonical)).isEqualTo(range);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "10.0.0.9-10.0.0.4, ends before it begins",
        "10.0.0.4-fd00::1, two families",
        "10.0.0.5/30, host bits set",
        "10.0.0.4-, not an IP address",
        "-10.0.0.4, not an IP address",
        "10.0.0.4-10.0.0.5-10.0.0.6, not an IP address",
        "net, not an IP address",
        "'', not an IP address"
    })
    void badTextIsRefused(String text, String reason) {
        assertThatThrownBy(() -> AddressRange.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"10.0.0.3, false", "10.0.0.4, true", "10.0.0.9, true", "10.0.0.10, false", "fd00::5, false"})
    void rangeContainsBothEnds(String address, boolean within) {
        assertThat(AddressRange.parse("10.0.0.4-10.0.0.9").contains(IpAddress.parse(address)))
                .isEqualTo(within);
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.7, 10.0.0.7/32",
        "10.0.0.0-10.0.0.255, 10.0.0.0/24",
        "10.0.0.1-10.0.0.6, 10.0.0.1/32 10.0.0.2/31 10.0.0.4/31 10.0.0.6/32",
        "10.0.0.3-10.0.1.0, 10.0.0.3/32 10.0.0.4/30 10.0.0.8/29 10.0.0.16/28 10.0.0.32/27 10.0.0.64/26 10.0.0.128/25 10.0.1.0/32",
        "0.0.0.0-255.255.255.255, 0.0.0.0/0",
        "255.255.255.254-255.255.255.255, 255.255.255.254/31",
        "fd00::1-fd00::2, fd00::1/128 fd00::2/128",
        "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, ::/0"
    })
    void blocksContainExactlyTheRange(String range, String blocks) {
        assertThat(AddressRange.parse(range).blocks().stream()
                        .map(Cidr::toString)
                        .collect(java.util.stream.Collectors.joining(" ")))
                .isEqualTo(blocks);
    }
}
