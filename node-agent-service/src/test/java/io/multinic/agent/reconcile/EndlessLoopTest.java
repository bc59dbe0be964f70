package io.multinic.agent.reconcile;

import static io.multinic.agent.reconcile.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(90)
class EndlessLoopTest {
    private static final Duration PAUSE = Duration.ofMillis(1);

    private final AtomicInteger rounds = new AtomicInteger();

    private EndlessLoop loop(EndlessLoop.Round round) {
        return new EndlessLoop("test", round, PAUSE);
    }

    @Test
    void loopContinuesAfterExceptionsAndErrors() {
        try (var loop = loop(() -> switch (rounds.incrementAndGet()) {
            case 1 -> throw new IllegalStateException("thrown by the test");
            case 2 -> throw new OutOfMemoryError("thrown by the test");
            case 3 -> throw new StackOverflowError("thrown by the test");
            case 4 -> throw new InterruptedException("thrown by the test");
            default -> true;
        })) {
            loop.start();
            eventually(() -> rounds.get() > 5);
        }
        int ended = rounds.get();
        assertThat(rounds).hasValue(ended);
    }

    @Test
    void closeEndsARoundThatWaits() {
        var waiting = new CountDownLatch(1);
        var ended = new CountDownLatch(1);
        var loop = loop(() -> {
            waiting.countDown();
            try {
                new CountDownLatch(1).await();
            } finally {
                ended.countDown();
            }
            return true;
        });
        loop.start();
        eventually(() -> waiting.getCount() == 0);
        loop.close();
        assertThat(ended.getCount()).isZero();
    }

    @Test
    void roundCanEndTheLoop() {
        var loop = loop(() -> rounds.incrementAndGet() < 3);
        loop.startOnPlatformThread();
        eventually(() -> rounds.get() == 3);
        loop.close();
        assertThat(rounds).hasValue(3);
    }
}
