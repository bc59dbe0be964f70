package io.multinic.agent.kernel.linux;

import io.multinic.agent.kernel.Errno;
import io.multinic.agent.kernel.KernelException;
import io.multinic.agent.kernel.NamespaceActivity;
import io.multinic.agent.kernel.NamespaceActivity.Kind;
import io.multinic.agent.kernel.NetworkNamespace;
import io.multinic.agent.kernel.Subscription;
import io.multinic.agent.kernel.netlink.ActivityReader;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reports the kinds of changes in a namespace and in those that have a number in it.
///
/// Without CAP_NET_BROADCAST, only those of the namespace itself. Its thread survives every error: after one, anything
/// may have changed, and it continues.
final class ActivitySubscription implements Subscription {
    private static final Logger log = LoggerFactory.getLogger(ActivitySubscription.class);
    private static final int BUFFER_BYTES = 4 << 20;

    /// Links, addresses, routes and settings of both families; RTNLGRP_n is bit n - 1.
    private static final int GROUPS = 1 | 1 << 4 | 1 << 8 | 1 << 6 | 1 << 10 | 1 << 23 | 1 << 24;

    private static final long PAUSE_MILLIS = 100;

    private final NetlinkSocket socket;
    private final Consumer<NamespaceActivity> listener;
    private final Thread thread;
    private volatile boolean closed;

    private ActivitySubscription(NetlinkSocket socket, Consumer<NamespaceActivity> listener) {
        this.socket = socket;
        this.listener = listener;
        this.thread = Thread.ofPlatform().name("netlink-activity").daemon().unstarted(this::run);
    }

    static ActivitySubscription open(NetworkNamespace namespace, Consumer<NamespaceActivity> listener) {
        var socket = NamespaceThread.open(namespace.descriptor(), ActivitySubscription::socket);
        var subscription = new ActivitySubscription(socket, listener);
        subscription.thread.start();
        return subscription;
    }

    private static NetlinkSocket socket() {
        try {
            return NetlinkSocket.forEventsOfAllNamespaces(GROUPS, BUFFER_BYTES);
        } catch (KernelException e) {
            if (e.errno() != Errno.EPERM) {
                throw e;
            }
            log.atWarn()
                    .log("changes in pods are found by the periodic check only; run the agent with the capability"
                            + " NET_BROADCAST");
            return NetlinkSocket.forEvents(GROUPS, BUFFER_BYTES);
        }
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

    private List<NamespaceActivity> receive() {
        try {
            var origin = socket.receiveWithOrigin();
            return ActivityReader.read(origin.datagram(), origin.namespaceId());
        } catch (RuntimeException e) {
            if (!(e instanceof KernelException refused && refused.errno() == Errno.ENOBUFS)) {
                log.atWarn().setCause(e).log("kernel events cannot be read; reading continues");
                pause();
            }
            return List.of(new NamespaceActivity(NamespaceActivity.OWN, Kind.OVERRUN, 0));
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void deliver(NamespaceActivity activity) {
        if (closed) {
            return;
        }
        try {
            listener.accept(activity);
        } catch (RuntimeException e) {
            log.atWarn().setCause(e).log("kernel event not handled");
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
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
