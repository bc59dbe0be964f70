package io.multinic.agent.kernel.linux;

import io.multinic.agent.kernel.Errno;
import io.multinic.agent.kernel.EventGroup;
import io.multinic.agent.kernel.KernelEvent;
import io.multinic.agent.kernel.KernelException;
import io.multinic.agent.kernel.NetworkNamespace;
import io.multinic.agent.kernel.Subscription;
import io.multinic.agent.kernel.netlink.EventReader;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/// A netlink socket in multicast groups and the platform thread that reads it.
///
/// Exceptions of the listener go to the thread's uncaught exception handler; the subscription continues.
final class EventSubscription implements Subscription {
    private static final int BUFFER_BYTES = 4 << 20;

    private final NetlinkSocket socket;
    private final Consumer<KernelEvent> listener;
    private final Thread thread;
    private volatile boolean closed;

    private EventSubscription(NetlinkSocket socket, Consumer<KernelEvent> listener) {
        this.socket = socket;
        this.listener = listener;
        this.thread = Thread.ofPlatform().name("netlink-events").daemon().unstarted(this::run);
    }

    static EventSubscription open(NetworkNamespace namespace, Set<EventGroup> groups, Consumer<KernelEvent> listener) {
        int bits = groups.stream().mapToInt(EventSubscription::bits).reduce(0, (a, b) -> a | b);
        var socket = NamespaceThread.open(namespace.descriptor(), () -> NetlinkSocket.forEvents(bits, BUFFER_BYTES));
        var subscription = new EventSubscription(socket, listener);
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

    private void run() {
        try {
            while (!closed) {
                receive().forEach(this::deliver);
            }
        } finally {
            socket.close();
        }
    }

    private List<KernelEvent> receive() {
        try {
            ByteBuffer datagram = socket.receive();
            return EventReader.read(datagram);
        } catch (KernelException e) {
            if (e.errno() != Errno.ENOBUFS) {
                throw e;
            }
            return List.of(new KernelEvent.Overrun());
        }
    }

    private void deliver(KernelEvent event) {
        if (closed) {
            return;
        }
        try {
            listener.accept(event);
        } catch (RuntimeException e) {
            thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
        }
    }

    /// Netlink sockets cannot be shut down; an acknowledgement to this socket wakes the reader.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        socket.wake();
        if (Thread.currentThread() != thread) {
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
}
