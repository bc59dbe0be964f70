package io.multinic.ipam.delivery;

import io.multinic.contract.wire.PlanUpdate;
import io.multinic.ipam.poll.PollAnswer;
import io.multinic.ipam.poll.PollState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

/// Long polls of agents that wait for changes of their plan. A waiter costs an entry in a set: no thread and no
/// connection. A few queries answer all waiters at a change, and all that arrive together, as they do when a replica
/// starts.
///
/// A plan has changed if its revision differs, not only if it is higher: revisions restart when a database is lost,
/// and an agent with a high one must not wait forever.
public final class PlanPolls implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(PlanPolls.class);
    /// Plans that are read at the same time; more would only wait for connections.
    private static final int READERS = 4;
    private static final Duration RETRY_DELAY = Duration.ofSeconds(1);

    private final PlanSource source;
    private final Set<Waiter> waiters = ConcurrentHashMap.newKeySet();
    /// Waiters whose state has not been compared with the plan yet.
    private final Queue<Waiter> arrived = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean changed = new AtomicBoolean();
    private final Semaphore wakeUps = new Semaphore(0);
    private final Semaphore readers = new Semaphore(READERS);
    private final AtomicBoolean running = new AtomicBoolean();

    private record Waiter(PollState state, CompletableFuture<Optional<PlanUpdate>> update) {
        void completeEmpty() {
            update.complete(Optional.empty());
        }
    }

    public PlanPolls(PlanSource source) {
        this.source = source;
    }

    /// Changes of the plan since `state`, as soon as there are any; empty after `wait`.
    ///
    /// Fails with NODE_UNKNOWN, at once or when the node is retired, or with SESSION_NEEDED.
    public CompletableFuture<Optional<PlanUpdate>> update(PollState state, Duration wait) {
        var waiter = new Waiter(state, new CompletableFuture<>());
        if (wait.isZero() || !running.get()) {
            complete(waiter, readAnswer(state));
            waiter.completeEmpty();
        } else {
            await(waiter, wait);
        }
        return waiter.update();
    }

    /// Registers the waiter before its state is compared with the plan, so that no change in between is missed.
    private void await(Waiter waiter, Duration wait) {
        waiters.add(waiter);
        waiter.update().completeOnTimeout(Optional.empty(), wait.toMillis(), TimeUnit.MILLISECONDS);
        var _ = waiter.update().whenComplete((any, failure) -> waiters.remove(waiter));
        arrived.add(waiter);
        wakeUps.release();
        if (!running.get()) {
            waiter.completeEmpty(); // stopped meanwhile: the polling thread has ended
        }
    }

    private void complete(Waiter waiter, PollAnswer answer) {
        switch (answer) {
            case PollAnswer.Unchanged() -> {}
            case PollAnswer.Change(PlanUpdate update) -> waiter.update().complete(Optional.of(update));
            case PollAnswer.WholePlan() -> waiter.update().complete(Optional.of(source.wholePlan(waiter.state())));
            case PollAnswer.SessionNeeded() ->
                waiter.update().completeExceptionally(waiter.state().sessionNeeded());
        }
    }

    /// A node without an answer is unknown, or became known since; reading its whole plan distinguishes the two.
    private PollAnswer readAnswer(PollState state) {
        return source.answers(List.of(state)).getOrDefault(state, new PollAnswer.WholePlan());
    }

    /// Wakes the polls because a plan may have changed. Returns at once.
    public void wake() {
        changed.set(true);
        wakeUps.release();
    }

    public int waiting() {
        return waiters.size();
    }

    private void run() {
        try {
            while (running.get()) {
                wakeUps.acquire();
                wakeUps.drainPermits();
                List<Waiter> arrivals = drainArrivals();
                boolean all = changed.getAndSet(false);
                if (!answer(all ? List.copyOf(waiters) : arrivals, arrivals) && all) {
                    Thread.sleep(RETRY_DELAY);
                    wake();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Answers those of `candidates` whose plan has changed.
    ///
    /// @return false if the database could not be read; then the new arrivals fail, and the others keep waiting
    private boolean answer(List<Waiter> candidates, List<Waiter> arrivals) throws InterruptedException {
        try {
            answer(candidates);
            return true;
        } catch (RuntimeException e) {
            log.atWarn()
                    .addKeyValue("waiting", waiters.size())
                    .setCause(e)
                    .log("plan changes cannot be read; retrying");
            arrivals.forEach(waiter -> waiter.update().completeExceptionally(e));
            return false;
        }
    }

    private List<Waiter> drainArrivals() {
        var arrivals = new ArrayList<Waiter>();
        for (Waiter waiter = arrived.poll(); waiter != null; waiter = arrived.poll()) {
            arrivals.add(waiter);
        }
        return arrivals;
    }

    private void answer(List<Waiter> candidates) throws InterruptedException {
        if (candidates.isEmpty()) {
            return;
        }
        Map<PollState, PollAnswer> answers =
                source.answers(candidates.stream().map(Waiter::state).collect(Collectors.toSet()));
        for (Waiter waiter : candidates) {
            switch (answers.get(waiter.state())) {
                case PollAnswer.Unchanged() -> {}
                case PollAnswer.Change change -> complete(waiter, change);
                case PollAnswer.SessionNeeded needed -> complete(waiter, needed);
                case null, default -> readWholePlan(waiter);
            }
        }
    }

    /// Reads in a thread of its own, of which [#READERS] run at a time.
    private void readWholePlan(Waiter waiter) throws InterruptedException {
        readers.acquire();
        Thread.ofVirtual().name("plan-answer").start(() -> {
            try {
                complete(waiter, readAnswer(waiter.state()));
            } catch (RuntimeException e) {
                waiter.update().completeExceptionally(e);
            } finally {
                readers.release();
            }
        });
    }

    @Override
    public void start() {
        if (running.compareAndSet(false, true)) {
            Thread.ofVirtual().name("plan-polls").start(this::run);
        }
    }

    /// Completes all waiters; the server's graceful shutdown would wait for them.
    @Override
    public void stop() {
        running.set(false);
        waiters.forEach(Waiter::completeEmpty);
        wakeUps.release();
    }

    @Override
    public boolean isRunning() {
        return running.get();
    }
}
