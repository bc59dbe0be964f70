package io.multinic.agent.kernel.linux;

import java.nio.ByteBuffer;

/// Carries netlink datagrams to the kernel and back.
interface Datagrams extends AutoCloseable {
    /// Sends the first `length` bytes of `data` as one datagram.
    void send(byte[] data, int length);

    /// Waits for the next datagram; the buffer is good until the next call.
    ByteBuffer receive();

    @Override
    void close();
}
