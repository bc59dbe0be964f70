package io.multinic.agent.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.retry.Backoff;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class ReconcileLoopTest {
    private static final Duration NEVER = Duration.ofHours(1);
    private final LinkedBlockingQueue<Integer> runs = new LinkedBlockingQueue<>();
    private final AtomicInteger count = new AtomicInteger();

    private ReconcileLoop loop(Duration settle, Duration resync, ReconcileLoop.Reconciler reconciler) {
        var retry = new Backoff(Duration.ofMillis(1), Duration.ofMillis(2), new Random(1));
        return new ReconcileLoop("test", new ReconcileLoop.Pace(settle, resync, retry), () -> {
            runs.add(count.incrementAndGet());
            return reconciler.reconcile();
        });
    }

    private void awaitRun(int number) throws InterruptedException {
        assertThat(runs.poll(10, TimeUnit.SECONDS)).isEqualTo(number);
    }

    @Test
    void manyWakeUpsCauseOneRun() throws InterruptedException {
        try (var loop = loop(Duration.ofMillis(300), NEVER, () -> true)) {
            for (int i = 0; i < 1000; i++) {
                loop.wake();
            }
            loop.start();
            for (int i = 0; i < 1000; i++) {
                loop.wake();
            }
            awaitRun(1);
            assertThat(runs.poll(400, TimeUnit.MILLISECONDS)).isNull();
        }
    }

    @Test
    void wakeUpDuringARunCausesAnotherRun() throws InterruptedException {
        var entered = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        try (var loop = loop(Duration.ZERO, NEVER, () -> {
            entered.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return true;
        })) {
            loop.start();
            entered.await();
            loop.wake();
            go.countDown();
            awaitRun(1);
            awaitRun(2);
        }
    }

    @Test
    void failedAndIncompleteRunsAreRetried() throws InterruptedException {
        try (var loop = loop(Duration.ZERO, NEVER, () -> {
            if (count.get() == 1) {
                throw new IllegalStateException("first run fails");
            }
            if (count.get() == 2) {
                throw new OutOfMemoryError("thrown by the test");
            }
            return count.get() > 3;
        })) {
            loop.start();
            awaitRun(1);
            awaitRun(2);
            awaitRun(3);
            awaitRun(4);
            assertThat(runs.poll(100, TimeUnit.MILLISECONDS)).isNull();
        }
    }

    @Test
    void loopRunsPeriodicallyWithoutWakeUps() throws InterruptedException {
        try (var loop = loop(Duration.ZERO, Duration.ofMillis(5), () -> true)) {
            loop.start();
            awaitRun(1);
            awaitRun(2);
            awaitRun(3);
        }
    }

    @Test
    void closedLoopDoesNotRunAgain() throws InterruptedException {
        var loop = loop(Duration.ZERO, NEVER, () -> true);
        loop.start();
        awaitRun(1);
        loop.close();
        loop.wake();
        assertThat(runs.poll(100, TimeUnit.MILLISECONDS)).isNull();
    }
}
