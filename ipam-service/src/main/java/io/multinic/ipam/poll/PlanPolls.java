package io.multinic.ipam.poll;

import io.multinic.contract.wire.NodePlan;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/// Agents that wait until their plan is another one than they know. A waiter costs an entry in a set: no thread and no
/// connection. One query tells for all waiters whether they have waited long enough.
///
/// A plan counts as new when its revision differs, not only when it is higher: after the loss of a database revisions
/// begin again, and an agent that knows a high one must not wait for ever.
public final class PlanPolls implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(PlanPolls.class);
    /// Plans that are read at the same time; more would only queue for connections.
    private static final int READERS = 4;

    private final PlanSource source;
    private final Set<Waiter> waiters = ConcurrentHashMap.newKeySet();
    private final Semaphore wakeUps = new Semaphore(0);
    private final Semaphore readers = new Semaphore(READERS);
    private final AtomicBoolean running = new AtomicBoolean();

    private static final class Waiter {
        private final String node;
        private final long after;
        private final CompletableFuture<Optional<NodePlan>> answer = new CompletableFuture<>();

        Waiter(String node, long after) {
            this.node = node;
            this.after = after;
        }
    }

    public PlanPolls(PlanSource source) {
        this.source = source;
    }

    /// The node's plan as soon as its revision is not `after`; empty when `wait` is over before.
    ///
    /// Fails with NODE_UNKNOWN, at once or when the node is retired.
    public CompletableFuture<Optional<NodePlan>> poll(String node, long after, Duration wait) {
        if (source.revision(node) != after) {
            return CompletableFuture.completedFuture(Optional.of(source.plan(node)));
        }
        if (wait.isZero() || !running.get()) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        var waiter = new Waiter(node, after);
        waiters.add(waiter);
        var answer = waiter.answer.completeOnTimeout(Optional.empty(), wait.toMillis(), TimeUnit.MILLISECONDS);
        var _ = answer.whenComplete((plan, failure) -> waiters.remove(waiter));
        // A change between the look at the revision and the entry in the set would go unnoticed.
        answerFromNow(waiter, () -> source.revision(node));
        return answer;
    }

    private void answerFromNow(Waiter waiter, Supplier<Long> revision) {
        try {
            if (revision.get() != waiter.after) {
                waiter.answer.complete(Optional.of(source.plan(waiter.node)));
            }
        } catch (RuntimeException e) {
            waiter.answer.completeExceptionally(e);
        }
    }

    /// A plan may have changed, or it is not known whether one did. Returns at once.
    public void wake() {
        wakeUps.release();
    }

    public int waiting() {
        return waiters.size();
    }

    private void answerWoken() {
        while (running.get()) {
            try {
                wakeUps.acquire();
                wakeUps.drainPermits();
                answerChanged();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                LOG.atWarn().setCause(e).log("cannot see whether plans changed; the waiting polls stay as they are");
            }
        }
    }

    private void answerChanged() throws InterruptedException {
        var waiting = List.copyOf(waiters);
        if (waiting.isEmpty()) {
            return;
        }
        Map<String, Long> revisions =
                source.revisions(waiting.stream().map(waiter -> waiter.node).collect(Collectors.toSet()));
        for (Waiter waiter : waiting) {
            Long revision = revisions.get(waiter.node);
            if (revision == null || revision != waiter.after) {
                readers.acquire();
                Thread.ofVirtual().name("plan-answer").start(() -> {
                    try {
                        answerFromNow(waiter, () -> revision == null ? source.revision(waiter.node) : revision);
                    } finally {
                        readers.release();
                    }
                });
            }
        }
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
        waiters.forEach(waiter -> waiter.answer.complete(Optional.empty()));
        wakeUps.release();
    }

    @Override
    public boolean isRunning() {
        return running.get();
    }
}
