package io.multinic.agent.attach;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Executes CNI calls on platform threads, a limited number at a time: one limit for all calls of the built-in drivers,
/// and one for each executed plugin of each network, so that a plugin that hangs takes its own calls only.
///
/// A call blocks in SQLite, in netlink and for executed programs, where a virtual thread would pin its carrier. Callers
/// wait on virtual threads, which cost little.
public final class CallLimits implements AutoCloseable {
    private static final Duration END = Duration.ofSeconds(5);

    private final Limit builtIn;
    private final Limit plugin;
    private final ExecutorService threads = Executors.newCachedThreadPool(
            Thread.ofPlatform().name("cni-call-", 1).daemon().factory());
    private final Map<Optional<NetworkPlugin>, Slots> used = new ConcurrentHashMap<>();

    /// @param running calls at the same time
    /// @param waiting calls that may wait for one of them to end
    /// @param patience how long they wait
    public record Limit(int running, int waiting, Duration patience) {}

    /// Exists while a call runs or waits.
    private static final class Slots {
        private final Semaphore free;
        private int users;

        Slots(int number) {
            free = new Semaphore(number, true);
        }
    }

    public CallLimits(Limit builtIn, Limit plugin) {
        this.builtIn = builtIn;
        this.plugin = plugin;
    }

    /// Executes a call on another thread, as soon as the limit permits.
    ///
    /// @param networkPlugin that the call executes; empty for a built-in driver
    /// @throws MultiNicException that of the call; TRY_AGAIN_LATER if too many calls of the plugin run
    public String execute(Optional<NetworkPlugin> networkPlugin, Supplier<String> call) {
        Limit limit = networkPlugin.isPresent() ? plugin : builtIn;
        Slots slots = used.compute(networkPlugin, (_, present) -> {
            Slots found = present == null ? new Slots(limit.running()) : present;
            found.users++;
            return found;
        });
        try {
            // An estimate, since calls come and go; the number of connections is the exact bound.
            boolean mayWait = slots.free.getQueueLength() < limit.waiting();
            if (!slots.free.tryAcquire(mayWait ? limit.patience().toMillis() : 0, TimeUnit.MILLISECONDS)) {
                throw busy(networkPlugin, limit);
            }
            try {
                return result(threads.submit(call::get));
            } finally {
                slots.free.release();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw stopping();
        } catch (RejectedExecutionException e) {
            throw stopping();
        } finally {
            used.compute(networkPlugin, (_, _) -> --slots.users == 0 ? null : slots);
        }
    }

    private static String result(Future<String> call) throws InterruptedException {
        try {
            return call.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                case null, default -> throw new IllegalStateException(e);
            }
        }
    }

    private static MultiNicException busy(Optional<NetworkPlugin> plugin, Limit limit) {
        String calls = limit.running() + " calls are running and others wait for them";
        return new MultiNicException(
                ErrorCode.TRY_AGAIN_LATER,
                plugin.map(busy -> "network " + busy.network() + ": CNI plugin " + busy.type() + " does not keep up, "
                                + calls + "; find out why its processes on this node do not end")
                        .orElse("the agent does not keep up, " + calls + "; its log on this node says more"));
    }

    private static MultiNicException stopping() {
        return new MultiNicException(ErrorCode.TRY_AGAIN_LATER, "the agent of this node is being stopped");
    }

    /// Interrupts the running calls, which ends their plugins, and waits a few seconds for them; others are refused.
    @Override
    public void close() {
        threads.shutdownNow();
        try {
            threads.awaitTermination(END.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
