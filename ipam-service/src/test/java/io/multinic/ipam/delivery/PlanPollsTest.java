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
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class PlanPollsTest {
    /// A database in which nothing ever changes.
    private static final class Still implements PlanSource {
        @Override
        public PlanUpdate wholePlan(PollState known) {
            throw new AssertionError("nothing has changed for " + known);
        }

        @Override
        public Map<PollState, PollAnswer> answers(Collection<PollState> states) {
            return states.stream().collect(Collectors.toMap(Function.identity(), any -> new PollAnswer.Unchanged()));
        }
    }

    /// Else a shutdown would take as long as an agent waits.
    @Test
    void whoComesWhileItStopsIsSentAwayToo() throws InterruptedException {
        for (int run = 0; run < 5_000; run++) {
            var polls = new PlanPolls(new Still());
            polls.start();
            var ready = new AtomicInteger();
            var answer = new AtomicReference<CompletableFuture<Optional<PlanUpdate>>>();
            Thread comer = Thread.ofPlatform().start(() -> {
                together(ready);
                answer.set(polls.update(new PollState("node1", 1, "history"), Duration.ofMinutes(1)));
            });
            together(ready);
            polls.stop();
            comer.join();
            assertThat(answer.get())
                    .as("run " + run)
                    .succeedsWithin(Duration.ofSeconds(5))
                    .isEqualTo(Optional.empty());
        }
    }

    /// Without a lock, whose hand-over would take longer than what is tried.
    private static void together(AtomicInteger ready) {
        ready.incrementAndGet();
        while (ready.get() < 2) {
            Thread.onSpinWait();
        }
    }
}
