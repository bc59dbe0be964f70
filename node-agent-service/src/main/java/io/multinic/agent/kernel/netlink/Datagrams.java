package io.multinic.agent.kernel.netlink;

import java.nio.ByteBuffer;

/// Port: exchanges netlink datagrams with the kernel.
public interface Datagrams extends AutoCloseable {
    /// Sends the first `length` bytes of `data` as one datagram.
    void send(byte[] data, int length);

    /// Waits for the next datagram; the buffer is good until the next call.
    ByteBuffer receive();

    @Override
    void close();
}
