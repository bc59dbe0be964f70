package io.multinic.e2e.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PingLogTest {
    private static String reply(int sequence, String time) {
        return "[1764000000." + time + "] 64 bytes from 192.168.1.1: icmp_seq=" + sequence + " ttl=62 time=0.104 ms\n";
    }

    private static String summary(int sent, int received) {
        return "\n--- 192.168.1.1 ping statistics ---\n" + sent + " packets transmitted, " + received
                + " received, 0% packet loss, time 600ms\n";
    }

    @Test
    void noLossIfEveryEchoIsAnswered() {
        PingLog log = PingLog.parse(reply(1, "000100") + reply(2, "200100") + reply(3, "400300") + summary(3, 3));
        assertThat(log).isEqualTo(new PingLog(3, 0, Duration.ofNanos(200_200_000)));
    }

    @Test
    void missingSequenceNumbersAreLostAndWidenTheGap() {
        PingLog log = PingLog.parse(reply(1, "000000") + reply(4, "600000") + summary(4, 2));
        assertThat(log).isEqualTo(new PingLog(4, 2, Duration.ofMillis(600)));
    }

    @Test
    void lastEchoWithoutReplyIsNotLost() {
        PingLog log = PingLog.parse(reply(1, "000000") + reply(2, "200000") + summary(3, 2));
        assertThat(log.lost()).isZero();
    }

    @Test
    void echoesWithoutReplyAtTheEndAreLost() {
        PingLog log = PingLog.parse(reply(1, "000000") + summary(20, 1));
        assertThat(log.lost()).isEqualTo(18);
    }

    @Test
    void duplicateRepliesDoNotCompensateForLostOnes() {
        PingLog log = PingLog.parse(reply(1, "000000") + reply(1, "000100") + reply(3, "400000") + summary(3, 3));
        assertThat(log.lost()).isEqualTo(1);
    }

    @Test
    void logWithoutSummaryIsRejected() {
        assertThatThrownBy(() -> PingLog.parse(reply(1, "000000")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has not ended");
    }
}
