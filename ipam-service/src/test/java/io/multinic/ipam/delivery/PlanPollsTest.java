package io.multinic.ipam.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.wire.PlanUpdate;
import io.multinic.ipam.poll.PollAnswer;
import io.multinic.ipam.poll.PollState;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class PlanPollsTest {
    /// A source of plans that never change.
    private static final class UnchangedPlans implements PlanSource {
        @Override
        public PlanUpdate wholePlan(PollState known) {
            throw new AssertionError("nothing has changed for " + known);
        }

        @Override
        public Map<PollState, PollAnswer> answers(Collection<PollState> states) {
            return states.stream().collect(Collectors.toMap(Function.identity(), any -> new PollAnswer.Unchanged()));
        }
    }

    /// Otherwise a shutdown would last as long as the agent's wait.
    @Test
    void pollArrivingDuringStopIsAnswered() throws InterruptedException {
        for (int run = 0; run < 5_000; run++) {
            var polls = new PlanPolls(new UnchangedPlans());
            polls.start();
            var ready = new AtomicInteger();
            var answer = new AtomicReference<CompletableFuture<Optional<PlanUpdate>>>();
            Thread caller = Thread.ofPlatform().start(() -> {
                together(ready);
                answer.set(polls.update(new PollState("node1", 1, "history"), Duration.ofMinutes(1)));
            });
            together(ready);
            polls.stop();
            caller.join();
            assertThat(answer.get())
                    .as("run " + run)
                    .succeedsWithin(Duration.ofSeconds(5))
                    .isEqualTo(Optional.empty());
        }
    }

    /// Lets both threads continue at the same time. Spins, because the wake-up from a lock takes longer than the race;
    /// and parks, because the other thread may need this processor.
    private static void together(AtomicInteger ready) {
        ready.incrementAndGet();
        for (int spins = 0; ready.get() < 2; spins++) {
            if (spins < 1_000) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(1_000);
            }
        }
    }
}
