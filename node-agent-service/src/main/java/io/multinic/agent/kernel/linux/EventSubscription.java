package io.multinic.agent.kernel.linux;

import io.multinic.agent.kernel.Errno;
import io.multinic.agent.kernel.EventGroup;
import io.multinic.agent.kernel.KernelEvent;
import io.multinic.agent.kernel.KernelException;
import io.multinic.agent.kernel.NetworkNamespace;
import io.multinic.agent.kernel.Subscription;
import io.multinic.agent.kernel.netlink.EventReader;
import io.multinic.agent.kernel.netlink.Unreadable;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A netlink socket in multicast groups and the platform thread that reads it.
///
/// After an error the socket is opened again and the listener gets an [KernelEvent.Overrun]. Exceptions of the listener
/// go to the thread's uncaught exception handler; the subscription continues.
final class EventSubscription implements Subscription {
    private static final Logger log = LoggerFactory.getLogger(EventSubscription.class);
    private static final int BUFFER_BYTES = 4 << 20;
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final int namespace;
    private final int groups;
    private final Unreadable unreadable;
    private final Consumer<KernelEvent> listener;
    private final Thread thread;
    /// Guards `socket` against being closed while [#close] sends to it, which could reach another file.
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition closing = lock.newCondition();
    private @Nullable NetlinkSocket socket;
    private volatile boolean closed;

    private EventSubscription(int namespace, int groups, Unreadable unreadable, Consumer<KernelEvent> listener) {
        this.namespace = namespace;
        this.groups = groups;
        this.unreadable = unreadable;
        this.listener = listener;
        this.thread = Thread.ofPlatform().name("netlink-events").daemon().unstarted(this::run);
    }

    static EventSubscription open(
            NetworkNamespace namespace, Set<EventGroup> groups, Unreadable unreadable, Consumer<KernelEvent> listener) {
        int bits = groups.stream().mapToInt(EventSubscription::bits).reduce(0, (a, b) -> a | b);
        int own = NamespaceHandle.duplicate(namespace.descriptor());
        var subscription = new EventSubscription(own, bits, unreadable, listener);
        try {
            subscription.connect();
        } catch (RuntimeException e) {
            Libc.close(own);
            throw e;
        }
        subscription.thread.start();
        return subscription;
    }

    /// RTNLGRP_n is bit n - 1.
    private static int bits(EventGroup group) {
        return switch (group) {
            case LINKS -> 1;
            case ADDRESSES -> 1 << 4 | 1 << 8;
            case ROUTES -> 1 << 6 | 1 << 10;
            case RULES -> 1 << 7 | 1 << 18;
        };
    }

    private NetlinkSocket connect() {
        var opened = NamespaceThread.open(namespace, () -> NetlinkSocket.forEvents(groups, BUFFER_BYTES));
        lock.lock();
        try {
            socket = opened;
        } finally {
            lock.unlock();
        }
        return opened;
    }

    private void disconnect() {
        lock.lock();
        try {
            if (socket != null) {
                socket.close();
                socket = null;
            }
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        try {
            while (!closed) {
                try {
                    followSocket();
                } catch (Throwable e) {
                    recover(e);
                }
            }
        } finally {
            disconnect();
            Libc.close(namespace);
        }
    }

    private void followSocket() {
        NetlinkSocket open = socket;
        if (open == null) {
            open = connect();
            log.atInfo().log("kernel events are received again");
            deliver(new KernelEvent.Overrun());
        }
        while (!closed) {
            receive(open).forEach(this::deliver);
        }
    }

    private List<KernelEvent> receive(NetlinkSocket open) {
        try {
            return EventReader.read(open.receive(), unreadable);
        } catch (KernelException e) {
            if (e.errno() != Errno.ENOBUFS && e.errno() != Errno.EMSGSIZE) {
                throw e;
            }
            return List.of(new KernelEvent.Overrun());
        }
    }

    /// An error here must not end the thread: the agent would be blind to changes without noticing.
    private void recover(Throwable failure) {
        try {
            disconnect();
            if (!closed) {
                log.atWarn()
                        .addKeyValue("reason", failure.toString())
                        .log("kernel events are not received; the subscription is opened again");
            }
        } catch (Throwable e) {
            // Out of memory again: nothing can be logged, and the pause below is what helps.
        }
        pause();
    }

    private void pause() {
        lock.lock();
        try {
            long left = RETRY.toNanos();
            while (!closed && left > 0) {
                left = closing.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            // Nobody interrupts this thread; an interrupt must not end it.
        } finally {
            lock.unlock();
        }
    }

    private void deliver(KernelEvent event) {
        if (closed) {
            return;
        }
        try {
            listener.accept(event);
        } catch (Throwable e) {
            thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
        }
    }

    /// Netlink sockets cannot be shut down; an acknowledgement to this socket wakes the reader.
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            closing.signalAll();
            if (socket != null) {
                socket.wake();
            }
        } finally {
            lock.unlock();
        }
        if (Thread.currentThread() != thread) {
            joinUninterruptibly();
        }
    }

    private void joinUninterruptibly() {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
