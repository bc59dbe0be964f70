package io.multinic.agent.kernel.linux;

import io.multinic.agent.kernel.Errno;
import io.multinic.agent.kernel.KernelException;
import io.multinic.agent.kernel.netlink.Datagrams;
import io.multinic.agent.kernel.netlink.Queries;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// An rtnetlink socket. It belongs to the namespace of the thread that opened it, independent of the threads that use
/// it.
///
/// Not thread-safe, except that [#wake] may be called while another thread waits in [#receive].
final class NetlinkSocket implements Datagrams {
    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW = 3;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int NETLINK_ROUTE = 0;
    private static final int NETLINK_NETFILTER = 12;
    private static final int SOL_NETLINK = 270;
    private static final int NETLINK_LISTEN_ALL_NSID = 8;
    private static final int NETLINK_CAP_ACK = 10;
    private static final int NETLINK_EXT_ACK = 11;
    private static final int NETLINK_GET_STRICT_CHK = 12;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVBUF = 8;
    private static final int SO_RCVTIMEO = 20;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int SENDER_PORT = 4;
    private static final int SENDER_SIZE = 12;
    private static final long PATIENCE_SECONDS = 30;

    private final int descriptor;
    private final MemorySegment block = DatagramBuffers.acquire();
    private final ByteBuffer received = block.asByteBuffer().order(ByteOrder.nativeOrder());
    private final MemorySegment sender = Arena.ofAuto().allocate(SENDER_SIZE, Integer.BYTES);

    private NetlinkSocket(int descriptor) {
        this.descriptor = descriptor;
    }

    /// Opens a socket for requests. The kernel answers synchronously, so after a timeout the answer is lost.
    static NetlinkSocket forRequests() {
        var socket = create();
        socket.option(SOL_NETLINK, NETLINK_EXT_ACK, 1);
        socket.option(SOL_NETLINK, NETLINK_CAP_ACK, 1);
        socket.option(SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
        socket.limitPatience();
        return socket;
    }

    private void limitPatience() {
        byte[] patience = ByteBuffer.allocate(16)
                .order(ByteOrder.nativeOrder())
                .putLong(PATIENCE_SECONDS)
                .putLong(0)
                .array();
        check("set a netlink socket's timeout", Libc.setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, patience));
    }

    /// Opens a socket for requests to the packet filter.
    static NetlinkSocket forNetfilter() {
        var socket = create(NETLINK_NETFILTER);
        socket.limitPatience();
        return socket;
    }

    /// Opens a socket for events of multicast groups, given as bits.
    static NetlinkSocket forEvents(int groups, int bufferBytes) {
        return events(create(), groups, bufferBytes);
    }

    /// Opens a socket for events of all namespaces that have a number in this one; needs CAP_NET_BROADCAST.
    static NetlinkSocket forEventsOfAllNamespaces(int groups, int bufferBytes) {
        var socket = create();
        socket.option(SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, 1);
        return events(socket, groups, bufferBytes);
    }

    private static NetlinkSocket events(NetlinkSocket socket, int groups, int bufferBytes) {
        byte[] size = ByteBuffer.allocate(4)
                .order(ByteOrder.nativeOrder())
                .putInt(bufferBytes)
                .array();
        if (Libc.setsockopt(socket.descriptor, SOL_SOCKET, SO_RCVBUFFORCE, size) < 0) {
            socket.option(SOL_SOCKET, SO_RCVBUF, bufferBytes);
        }
        byte[] address = ByteBuffer.allocate(SENDER_SIZE)
                .order(ByteOrder.nativeOrder())
                .putShort((short) AF_NETLINK)
                .putShort((short) 0)
                .putInt(0)
                .putInt(groups)
                .array();
        socket.check("subscribe to netlink events", Libc.bind(socket.descriptor, address));
        return socket;
    }

    private static NetlinkSocket create() {
        return create(NETLINK_ROUTE);
    }

    private static NetlinkSocket create(int protocol) {
        int descriptor = Libc.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
        if (descriptor < 0) {
            throw new KernelException("open a netlink socket", -descriptor);
        }
        return new NetlinkSocket(descriptor);
    }

    private void option(int level, int option, int value) {
        byte[] bytes = ByteBuffer.allocate(4)
                .order(ByteOrder.nativeOrder())
                .putInt(value)
                .array();
        check("set option " + option + " of a netlink socket", Libc.setsockopt(descriptor, level, option, bytes));
    }

    private void check(String operation, int result) {
        if (result < 0) {
            close();
            throw new KernelException(operation, -result);
        }
    }

    @Override
    public void send(byte[] data, int length) {
        MemorySegment.copy(data, 0, block, ValueLayout.JAVA_BYTE, 0, length);
        long sent = sendAll(block.asSlice(0, length));
        if (sent < 0) {
            throw new KernelException("send " + length + " bytes of netlink messages", (int) -sent);
        }
    }

    /// Makes the kernel send an acknowledgement to this socket, which wakes a thread waiting in [#receive].
    void wake() {
        byte[] noop = Queries.noop();
        try (Arena arena = Arena.ofConfined()) {
            sendAll(arena.allocateFrom(ValueLayout.JAVA_BYTE, noop));
        }
    }

    private long sendAll(MemorySegment out) {
        long sent;
        do {
            sent = Libc.send(descriptor, out);
        } while (sent == -Errno.EINTR.number());
        return sent;
    }

    /// Ignores messages of other processes: only the kernel has port 0.
    @Override
    public ByteBuffer receive() {
        while (true) {
            long length = Libc.recvfrom(descriptor, block, Libc.MSG_TRUNC, sender);
            if (length == -Errno.EINTR.number()) {
                continue;
            }
            if (length < 0) {
                throw new KernelException("receive netlink messages", (int) -length);
            }
            if (sender.get(ValueLayout.JAVA_INT, SENDER_PORT) != 0) {
                continue;
            }
            if (length > block.byteSize()) {
                throw new KernelException(
                        "receive a netlink datagram of " + length + " bytes", Errno.EMSGSIZE.number());
            }
            return received.clear().limit((int) length);
        }
    }

    /// A datagram with the number of the namespace that it comes from; -1 for that of the socket.
    record Origin(ByteBuffer datagram, int namespaceId) {}

    /// Like [#receive], with the origin.
    Origin receiveWithOrigin() {
        try (Arena arena = Arena.ofConfined()) {
            var message = new ReceivedMessage(arena, block);
            while (true) {
                long length = Libc.recvmsg(descriptor, message.header(), Libc.MSG_TRUNC);
                if (length >= 0 && length <= block.byteSize() && message.fromKernel()) {
                    return new Origin(received.clear().limit((int) length), message.namespaceId());
                }
                if (length < 0 && length != -Errno.EINTR.number()) {
                    throw new KernelException("receive netlink messages", (int) -length);
                }
                message.reset();
            }
        }
    }

    @Override
    public void close() {
        Libc.close(descriptor);
        DatagramBuffers.release(block);
    }
}
