package io.multinic.agent.kernel.linux;

import io.multinic.agent.kernel.netlink.NetlinkConversation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedDeque;

/// Pool of off-heap buffers for datagrams.
///
/// A socket exists for one attachment only; an arena for each would cost more than its messages do. There are at most
/// as many buffers as there were sockets open at the same time.
final class DatagramBuffers {
    private static final ConcurrentLinkedDeque<MemorySegment> FREE = new ConcurrentLinkedDeque<>();

    private DatagramBuffers() {}

    static MemorySegment acquire() {
        MemorySegment block = FREE.poll();
        return block != null ? block : Arena.global().allocate(NetlinkConversation.MAX_RECEIVED, Long.BYTES);
    }

    static void release(MemorySegment block) {
        FREE.push(block);
    }
}
