package io.multinic.ipam.delivery;

import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.PlanUpdate;
import io.multinic.ipam.poll.PollAnswer;
import io.multinic.ipam.poll.PollState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/// Agents that wait until their plan is another one than they know. A waiter costs an entry in a set: no thread and no
/// connection. A few queries tell for all waiters who has waited long enough, and what changed; and for all that arrive
/// together, as they do when a replica starts.
///
/// A plan counts as new when its revision differs, not only when it is higher: after the loss of a database revisions
/// begin again, and an agent that knows a high one must not wait for ever.
public final class PlanPolls implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(PlanPolls.class);
    /// Plans that are read at the same time; more would only queue for connections.
    private static final int READERS = 4;
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final PlanSource source;
    private final Set<Waiter> waiters = ConcurrentHashMap.newKeySet();
    /// Waiters of whom it is not known yet whether they have to wait.
    private final Queue<Waiter> arrived = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean changed = new AtomicBoolean();
    private final Semaphore wakeUps = new Semaphore(0);
    private final Semaphore readers = new Semaphore(READERS);
    private final AtomicBoolean running = new AtomicBoolean();

    private sealed interface Waiter {
        CompletableFuture<?> answer();

        void sendAway();
    }

    /// Waits for a whole plan.
    private record ForPlan(String node, long after, CompletableFuture<Optional<NodePlan>> answer) implements Waiter {
        @Override
        public void sendAway() {
            answer.complete(Optional.empty());
        }
    }

    /// Waits for what has changed.
    private record ForUpdate(PollState known, CompletableFuture<Optional<PlanUpdate>> answer) implements Waiter {
        @Override
        public void sendAway() {
            answer.complete(Optional.empty());
        }
    }

    public PlanPolls(PlanSource source) {
        this.source = source;
    }

    /// The node's plan as soon as its revision is not `after`; empty when `wait` is over before.
    ///
    /// Fails with NODE_UNKNOWN, at once or when the node is retired.
    public CompletableFuture<Optional<NodePlan>> plan(String node, long after, Duration wait) {
        var waiter = new ForPlan(node, after, new CompletableFuture<>());
        if (wait.isZero() || !running.get()) {
            answerFromNow(waiter, source.revision(node));
            waiter.sendAway();
        } else {
            await(waiter, waiter.answer(), wait);
        }
        return waiter.answer();
    }

    /// What an agent that knows `known` must hear, as soon as there is something; empty when `wait` is over before.
    ///
    /// Fails with NODE_UNKNOWN, at once or when the node is retired, or with SESSION_NEEDED.
    public CompletableFuture<Optional<PlanUpdate>> update(PollState known, Duration wait) {
        var waiter = new ForUpdate(known, new CompletableFuture<>());
        if (wait.isZero() || !running.get()) {
            answerFromNow(waiter, newsFor(known));
            waiter.sendAway();
        } else {
            await(waiter, waiter.answer(), wait);
        }
        return waiter.answer();
    }

    /// First among the waiters, then looked at: a change in between goes unnoticed by neither.
    private <T> void await(Waiter waiter, CompletableFuture<Optional<T>> answer, Duration wait) {
        waiters.add(waiter);
        answer.completeOnTimeout(Optional.empty(), wait.toMillis(), TimeUnit.MILLISECONDS);
        var _ = answer.whenComplete((any, failure) -> waiters.remove(waiter));
        arrived.add(waiter);
        wakeUps.release();
        if (!running.get()) {
            waiter.sendAway(); // it was stopped meanwhile: nobody looks any more
        }
    }

    private void answerFromNow(ForPlan waiter, long revision) {
        if (revision != waiter.after()) {
            waiter.answer().complete(Optional.of(source.plan(waiter.node())));
        }
    }

    private void answerFromNow(ForUpdate waiter, PollAnswer news) {
        switch (news) {
            case PollAnswer.None() -> {}
            case PollAnswer.Change(PlanUpdate update) -> waiter.answer().complete(Optional.of(update));
            case PollAnswer.WholePlan() -> waiter.answer().complete(Optional.of(source.wholePlan(waiter.known())));
            case PollAnswer.SessionNeeded() ->
                waiter.answer().completeExceptionally(waiter.known().sessionNeeded());
        }
    }

    private PollAnswer newsFor(PollState known) {
        PollAnswer news = source.news(List.of(known)).get(known);
        if (news == null) {
            // Says that the node is not known; or it is known now, and its plan is what it has not heard of.
            source.revision(known.node());
            return new PollAnswer.WholePlan();
        }
        return news;
    }

    /// A plan may have changed, or it is not known whether one did. Returns at once.
    public void wake() {
        changed.set(true);
        wakeUps.release();
    }

    public int waiting() {
        return waiters.size();
    }

    private void answerWoken() {
        try {
            while (running.get()) {
                wakeUps.acquire();
                wakeUps.drainPermits();
                List<Waiter> arrivals = arrivals();
                boolean all = changed.getAndSet(false);
                if (!answer(all ? List.copyOf(waiters) : arrivals, arrivals) && all) {
                    Thread.sleep(PAUSE);
                    wake();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// @return false if it cannot be known now; then those that have just come are told so, the others wait on
    private boolean answer(List<Waiter> looked, List<Waiter> arrivals) throws InterruptedException {
        try {
            answerUpdates(looked);
            answerPlans(looked);
            return true;
        } catch (RuntimeException e) {
            log.atWarn()
                    .addKeyValue("waiting", waiters.size())
                    .setCause(e)
                    .log("cannot see whether plans changed; trying again");
            arrivals.forEach(waiter -> waiter.answer().completeExceptionally(e));
            return false;
        }
    }

    private List<Waiter> arrivals() {
        var arrivals = new ArrayList<Waiter>();
        for (Waiter waiter = arrived.poll(); waiter != null; waiter = arrived.poll()) {
            arrivals.add(waiter);
        }
        return arrivals;
    }

    private void answerUpdates(List<Waiter> looked) throws InterruptedException {
        List<ForUpdate> waiting = waiting(ForUpdate.class, looked);
        if (waiting.isEmpty()) {
            return;
        }
        Map<PollState, PollAnswer> news =
                source.news(waiting.stream().map(ForUpdate::known).collect(Collectors.toSet()));
        for (ForUpdate waiter : waiting) {
            switch (news.get(waiter.known())) {
                case PollAnswer.None() -> {}
                case PollAnswer.Change change -> answerFromNow(waiter, change);
                case PollAnswer.SessionNeeded needed -> answerFromNow(waiter, needed);
                case null, default -> read(waiter, () -> answerFromNow(waiter, newsFor(waiter.known())));
            }
        }
    }

    private void answerPlans(List<Waiter> looked) throws InterruptedException {
        List<ForPlan> waiting = waiting(ForPlan.class, looked);
        if (waiting.isEmpty()) {
            return;
        }
        Map<String, Long> revisions =
                source.revisions(waiting.stream().map(ForPlan::node).collect(Collectors.toSet()));
        for (ForPlan waiter : waiting) {
            Long revision = revisions.get(waiter.node());
            if (!Objects.equals(revision, waiter.after())) {
                read(waiter, () -> answerFromNow(waiter, source.revision(waiter.node())));
            }
        }
    }

    private static <T extends Waiter> List<T> waiting(Class<T> kind, List<Waiter> among) {
        return among.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    private void read(Waiter waiter, Runnable reading) throws InterruptedException {
        readers.acquire();
        Thread.ofVirtual().name("plan-answer").start(() -> {
            try {
                reading.run();
            } catch (RuntimeException e) {
                waiter.answer().completeExceptionally(e);
            } finally {
                readers.release();
            }
        });
    }

    @Override
    public void start() {
        if (running.compareAndSet(false, true)) {
            Thread.ofVirtual().name("plan-polls").start(this::answerWoken);
        }
    }

    /// Sends the waiters away; the server's graceful shutdown would wait for them.
    @Override
    public void stop() {
        running.set(false);
        waiters.forEach(Waiter::sendAway);
        wakeUps.release();
    }

    @Override
    public boolean isRunning() {
        return running.get();
    }
}
