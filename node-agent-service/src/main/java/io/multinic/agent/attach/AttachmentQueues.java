package io.multinic.agent.attach;

import io.multinic.agent.journal.AttachmentKey;
import io.multinic.agent.reconcile.Threads;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Work on attachments beside the CNI calls: a queue for each executed plugin of each network, and one for all
/// attachments of the built-in drivers.
///
/// Queues do not wait for each other. Each has a few platform threads, which end when it is empty. There is at most one
/// piece of work for an attachment, so the queues are no longer than the journal.
public final class AttachmentQueues implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AttachmentQueues.class);

    /// Threads of one queue: the number of attachments on which a plugin works at the same time.
    private static final int WORKERS = 2;

    private static final Optional<NetworkPlugin> BUILT_IN = Optional.empty();

    private final Map<Optional<NetworkPlugin>, Backlog> backlogs = new HashMap<>();
    private final Set<AttachmentKey> pending = new HashSet<>();
    private final Set<Thread> threads = new HashSet<>();
    private boolean closed;

    private record Work(AttachmentKey key, Runnable action) {}

    private static final class Backlog {
        private final Queue<Work> waiting = new ArrayDeque<>();
        private int workers;
    }

    /// Adds work and returns at once; ignored if there is work for the attachment already.
    ///
    /// @param plugin of the attachment; empty for a built-in driver
    public synchronized void submit(Optional<NetworkPlugin> plugin, AttachmentKey key, Runnable action) {
        if (closed || !pending.add(key)) {
            return;
        }
        Backlog backlog = backlogs.computeIfAbsent(plugin, _ -> new Backlog());
        backlog.waiting.add(new Work(key, action));
        if (backlog.workers < WORKERS) {
            backlog.workers++;
            Thread thread = Thread.ofPlatform()
                    .name("attachments-" + plugin.map(NetworkPlugin::network).orElse("built-in"))
                    .daemon()
                    .unstarted(() -> work(plugin, backlog));
            threads.add(thread);
            thread.start();
        }
    }

    private void work(Optional<NetworkPlugin> plugin, Backlog backlog) {
        for (var work = next(plugin, backlog); work.isPresent(); work = next(plugin, backlog)) {
            try {
                work.get().action().run();
            } catch (Throwable e) {
                log.atError()
                        .addKeyValue("attachment", work.get().key())
                        .setCause(e)
                        .log("work on an attachment failed unexpectedly");
            } finally {
                done(work.get());
            }
        }
    }

    /// The next work; empty if the thread must end.
    private synchronized Optional<Work> next(Optional<NetworkPlugin> plugin, Backlog backlog) {
        var work = Optional.ofNullable(backlog.waiting.poll());
        if (work.isEmpty()) {
            threads.remove(Thread.currentThread());
            backlog.workers--;
            if (backlog.workers == 0) {
                backlogs.remove(plugin);
                notifyAll();
            }
        }
        return work;
    }

    private synchronized void done(Work work) {
        pending.remove(work.key());
        notifyAll();
    }

    /// Waits until there is no work.
    ///
    /// @return false if there still is some at the end of `timeout`
    public boolean awaitIdle(Duration timeout) throws InterruptedException {
        return await(pending::isEmpty, timeout);
    }

    /// Waits until there is no work on attachments of the built-in drivers.
    ///
    /// @return false if there still is some at the end of `timeout`
    boolean awaitBuiltIn(Duration timeout) throws InterruptedException {
        return await(() -> !backlogs.containsKey(BUILT_IN), timeout);
    }

    private synchronized boolean await(BooleanSupplier condition, Duration timeout) throws InterruptedException {
        long end = System.nanoTime() + timeout.toNanos();
        long left = timeout.toMillis();
        while (!condition.getAsBoolean() && left > 0) {
            wait(left);
            left = (end - System.nanoTime()) / 1_000_000;
        }
        return condition.getAsBoolean();
    }

    /// Drops the work that waits, interrupts the running one, which ends its plugins, and waits a few seconds for it.
    @Override
    public void close() {
        List<Thread> running;
        synchronized (this) {
            closed = true;
            backlogs.values().forEach(backlog -> {
                backlog.waiting.forEach(work -> pending.remove(work.key()));
                backlog.waiting.clear();
            });
            running = List.copyOf(threads);
        }
        running.forEach(Thread::interrupt);
        running.forEach(Threads::end);
    }
}
