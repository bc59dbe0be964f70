package io.multinic.agent.attach;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KeyedLockTest {
    private final KeyedLock<String> lock = new KeyedLock<>();

    @Test
    void workForOneKeyRunsSequentially() throws InterruptedException {
        var inside = new AtomicInteger();
        var most = new AtomicInteger();
        try (var threads = Executors.newFixedThreadPool(8)) {
            threads.invokeAll(IntStream.range(0, 200)
                    .mapToObj(i -> (Callable<Integer>) () -> lock.withLock("key", () -> {
                        most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                        Thread.onSpinWait();
                        return inside.decrementAndGet();
                    }))
                    .toList());
        }
        assertThat(most).hasValue(1);
    }

    @Test
    void workForAnotherKeyDoesNotWait() throws InterruptedException {
        var release = new CountDownLatch(1);
        var held = new CountDownLatch(1);
        Thread holder = Thread.ofVirtual()
                .start(() -> lock.withLock("slow", () -> {
                    held.countDown();
                    return awaitQuietly(release);
                }));
        held.await();
        assertThat(lock.withLock("other", () -> "served")).isEqualTo("served");
        release.countDown();
        holder.join();
    }

    private static boolean awaitQuietly(CountDownLatch latch) {
        try {
            return latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void heldKeyIsNotIdle() {
        var lock = new KeyedLock<String>();
        assertThat(lock.ifIdle("a", () -> 1)).contains(1);
        var nested = lock.withLock(
                "a",
                () -> lock.ifIdle("a", () -> 1).isPresent()
                        || lock.ifIdle("b", () -> 1).isEmpty());
        assertThat(nested).isFalse();
        assertThat(lock.ifIdle("a", () -> 2)).contains(2);
    }
}
