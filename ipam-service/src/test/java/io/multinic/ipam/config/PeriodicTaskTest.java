package io.multinic.ipam.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PeriodicTaskTest {
    @Test
    void longRunDoesNotDelayTheNextOneForLong() throws InterruptedException {
        var runs = new CountDownLatch(2);
        var work = new PeriodicTask("slow at first", Duration.ofMillis(10), () -> {
            runs.countDown();
            if (runs.getCount() == 1) {
                sleep(Duration.ofSeconds(2));
            }
        });
        work.start();
        assertThat(runs.await(20, TimeUnit.SECONDS)).isTrue();
        work.stop();
    }

    private static void sleep(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
