package io.multinic.agent.select;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BandwidthTest {
    @ParameterizedTest
    @CsvSource({
        "10Gbps, 10000, 10Gbps",
        "2.5Gbps, 2500, 2500Mbps",
        "100 Mbps, 100, 100Mbps",
        "1Tbps, 1000000, 1000Gbps",
        "1500Kbps, 2, 2Mbps",
        "1bps, 1, 1Mbps",
        "0Gbps, 0, 0Mbps",
    })
    void bandwidthIsRead(String text, long mbps, String written) {
        assertThat(Bandwidth.parse(text)).contains(new Bandwidth(mbps));
        assertThat(new Bandwidth(mbps)).hasToString(written);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10", "10G", "Gbps", "-1Gbps", "1.Gbps", "10GBps", "1e3Mbps", "10 Gbit/s"})
    void otherTextIsNoBandwidth(String text) {
        assertThat(Bandwidth.parse(text)).isEmpty();
    }
}
