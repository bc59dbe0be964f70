package io.multinic.agent.kernel.linux;

import io.multinic.agent.kernel.netlink.NetlinkConversation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedDeque;

/// Memory for datagrams, outside the heap and used again and again.
///
/// A socket lives for one attachment; an arena for each would cost more than its messages do. There are never more
/// blocks than sockets that were open at once.
final class DatagramBuffers {
    private static final ConcurrentLinkedDeque<MemorySegment> FREE = new ConcurrentLinkedDeque<>();

    private DatagramBuffers() {}

    static MemorySegment take() {
        MemorySegment block = FREE.poll();
        return block != null ? block : Arena.global().allocate(NetlinkConversation.MAX_DATAGRAM, Long.BYTES);
    }

    static void giveBack(MemorySegment block) {
        FREE.push(block);
    }
}
