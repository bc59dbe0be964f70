package io.multinic.agent.kernel.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A `msghdr` of 64-bit Linux for one netlink datagram, with the sender's address and room for the number of its
/// namespace.
final class ReceivedMessage {
    private static final int HEADER_SIZE = 56;
    private static final int NAME = 0;
    private static final int NAME_LENGTH = 8;
    private static final int VECTOR = 16;
    private static final int VECTOR_LENGTH = 24;
    private static final int CONTROL = 32;
    private static final int CONTROL_LENGTH = 40;

    private static final int SENDER_SIZE = 12;
    private static final int SENDER_PORT = 4;

    private static final int CONTROL_SIZE = 64;
    private static final int CONTROL_LEVEL = 8;
    private static final int CONTROL_TYPE = 12;
    private static final int CONTROL_DATA = 16;
    private static final int SOL_NETLINK = 270;
    private static final int NETLINK_LISTEN_ALL_NSID = 8;

    private final MemorySegment header;
    private final MemorySegment sender;
    private final MemorySegment control;

    ReceivedMessage(Arena arena, MemorySegment data) {
        header = arena.allocate(HEADER_SIZE, Long.BYTES);
        sender = arena.allocate(SENDER_SIZE, Integer.BYTES);
        control = arena.allocate(CONTROL_SIZE, Long.BYTES);
        MemorySegment vector = arena.allocate(2L * Long.BYTES, Long.BYTES);
        vector.set(ValueLayout.ADDRESS, 0, data);
        vector.set(ValueLayout.JAVA_LONG, Long.BYTES, data.byteSize());
        header.set(ValueLayout.ADDRESS, NAME, sender);
        header.set(ValueLayout.ADDRESS, VECTOR, vector);
        header.set(ValueLayout.JAVA_LONG, VECTOR_LENGTH, 1);
        header.set(ValueLayout.ADDRESS, CONTROL, control);
        reset();
    }

    /// Makes the header usable for another call, which changes the lengths.
    void reset() {
        header.set(ValueLayout.JAVA_INT, NAME_LENGTH, SENDER_SIZE);
        header.set(ValueLayout.JAVA_LONG, CONTROL_LENGTH, CONTROL_SIZE);
    }

    MemorySegment header() {
        return header;
    }

    /// False for messages of other processes: only the kernel has port 0.
    boolean fromKernel() {
        return sender.get(ValueLayout.JAVA_INT, SENDER_PORT) == 0;
    }

    /// The number of the sender's namespace; -1 if it is the socket's own.
    int namespaceId() {
        long length = header.get(ValueLayout.JAVA_LONG, CONTROL_LENGTH);
        boolean numbered = length >= CONTROL_DATA + Integer.BYTES
                && control.get(ValueLayout.JAVA_INT, CONTROL_LEVEL) == SOL_NETLINK
                && control.get(ValueLayout.JAVA_INT, CONTROL_TYPE) == NETLINK_LISTEN_ALL_NSID;
        return numbered ? control.get(ValueLayout.JAVA_INT, CONTROL_DATA) : -1;
    }
}
