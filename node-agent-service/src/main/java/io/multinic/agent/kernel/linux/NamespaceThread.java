package io.multinic.agent.kernel.linux;

import io.multinic.agent.kernel.KernelException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/// Runs a task on a new platform thread that ends afterwards.
///
/// A thread that entered a namespace is not used for anything else, so nothing can run in the wrong namespace.
final class NamespaceThread {
    private NamespaceThread() {}

    /// Runs `task` inside the namespace of `descriptor`.
    static <T> T inside(int descriptor, Callable<T> task) throws Exception {
        return run(() -> {
            int result = Libc.setns(descriptor, Libc.CLONE_NEWNET);
            if (result < 0) {
                throw new KernelException("enter a network namespace", -result);
            }
            return task.call();
        });
    }

    /// Waits for the task even if interrupted; the interrupt is passed to the task and stays set for the caller.
    static <T> T run(Callable<T> task) throws Exception {
        var future = new FutureTask<>(task);
        Thread thread = Thread.ofPlatform().name("netns").daemon().start(future);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return future.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                    thread.interrupt();
                }
            }
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case Exception exception -> throw exception;
                case Error error -> throw error;
                case null, default -> throw e;
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /// Like [#inside], for tasks without checked exceptions.
    static <T> T open(int descriptor, Supplier<T> task) {
        try {
            return inside(descriptor, task::get);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
