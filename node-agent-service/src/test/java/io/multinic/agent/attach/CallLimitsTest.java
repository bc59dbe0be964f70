package io.multinic.agent.attach;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.multinic.agent.attach.CallLimits.Limit;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CallLimitsTest {
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Optional<NetworkPlugin> BUILT_IN = Optional.empty();
    private static final Optional<NetworkPlugin> BRIDGE = Optional.of(new NetworkPlugin("net", "bridge"));
    private static final Optional<NetworkPlugin> OTHER_NETWORK = Optional.of(new NetworkPlugin("other", "bridge"));
    private static final Optional<NetworkPlugin> OTHER_TYPE = Optional.of(new NetworkPlugin("net", "tap"));

    private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch running = new CountDownLatch(1);
    private final CountDownLatch end = new CountDownLatch(1);

    @AfterEach
    void release() {
        end.countDown();
        callers.close();
    }

    private String hang() {
        running.countDown();
        try {
            end.await();
            return "ended";
        } catch (InterruptedException e) {
            return "interrupted";
        }
    }

    private Future<String> hanging(CallLimits limits) throws InterruptedException {
        Future<String> call = callers.submit(() -> limits.execute(BRIDGE, this::hang));
        running.await();
        return call;
    }

    @Test
    void callsOfOtherNetworksPluginsAndDriversDoNotWait() throws Exception {
        try (var limits = new CallLimits(new Limit(1, 9, LONG), new Limit(1, 9, LONG))) {
            Future<String> first = hanging(limits);
            Future<String> second = callers.submit(() -> limits.execute(BRIDGE, () -> "served"));
            assertThat(limits.execute(OTHER_NETWORK, () -> "served")).isEqualTo("served");
            assertThat(limits.execute(OTHER_TYPE, () -> "served")).isEqualTo("served");
            assertThat(limits.execute(BUILT_IN, () -> "served")).isEqualTo("served");
            assertThat(second).isNotDone();
            end.countDown();
            assertThat(first.get()).isEqualTo("ended");
            assertThat(second.get()).isEqualTo("served");
        }
    }

    @Test
    void callThatWaitsTooLongIsRefusedWithThePluginsName() throws Exception {
        try (var limits = new CallLimits(new Limit(1, 9, LONG), new Limit(1, 9, Duration.ofMillis(1)))) {
            Future<String> first = hanging(limits);
            assertThatThrownBy(() -> limits.execute(BRIDGE, () -> "served"))
                    .isInstanceOfSatisfying(
                            MultiNicException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TRY_AGAIN_LATER))
                    .hasMessageContainingAll("network net", "bridge", "1 calls are running");
            end.countDown();
            assertThat(first.get()).isEqualTo("ended");
        }
    }

    @Test
    void callIsRefusedAtOnceIfTooManyWait() throws Exception {
        try (var limits = new CallLimits(new Limit(1, 9, LONG), new Limit(1, 0, LONG))) {
            Future<String> first = hanging(limits);
            assertThatThrownBy(() -> limits.execute(BRIDGE, () -> "served")).hasMessageContaining("does not keep up");
            end.countDown();
            assertThat(first.get()).isEqualTo("ended");
        }
    }

    @Test
    void failureOfACallReachesItsCallerAndFreesItsPlace() {
        try (var limits = new CallLimits(new Limit(1, 0, LONG), new Limit(1, 0, LONG))) {
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> limits.execute(BRIDGE, () -> {
                            throw new MultiNicException(ErrorCode.PLUGIN_FAILED, "no such luck");
                        }))
                        .isInstanceOf(MultiNicException.class)
                        .hasMessage("no such luck");
            }
        }
    }

    @Test
    void closingInterruptsRunningCallsAndRefusesOthers() throws Exception {
        var limits = new CallLimits(new Limit(1, 9, LONG), new Limit(1, 9, LONG));
        Future<String> call = hanging(limits);
        limits.close();
        assertThat(call.get()).isEqualTo("interrupted");
        assertThatThrownBy(() -> limits.execute(BUILT_IN, () -> "served")).hasMessageContaining("being stopped");
    }
}
