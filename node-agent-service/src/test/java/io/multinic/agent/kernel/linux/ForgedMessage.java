package io.multinic.agent.kernel.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Sends a netlink message to the socket of a process, as a pod with CAP_NET_ADMIN in its namespace can.
final class ForgedMessage {
    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW = 3;

    private ForgedMessage() {}

    /// Sends to the first netlink socket that this process opened in the calling thread's namespace: its port is
    /// the pid.
    static void send(byte[] message) {
        int socket = Libc.socket(AF_NETLINK, SOCK_RAW, 0);
        byte[] receiver = ByteBuffer.allocate(12)
                .order(ByteOrder.nativeOrder())
                .putShort((short) AF_NETLINK)
                .putShort((short) 0)
                .putInt((int) ProcessHandle.current().pid())
                .putInt(0)
                .array();
        var linker = Linker.nativeLinker();
        var sendto = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("sendto"),
                FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
        try (Arena arena = Arena.ofConfined()) {
            long sent = (long) sendto.invokeExact(
                    socket,
                    arena.allocateFrom(JAVA_BYTE, message),
                    (long) message.length,
                    0,
                    arena.allocateFrom(JAVA_BYTE, receiver),
                    receiver.length);
            if (sent != message.length) {
                throw new IllegalStateException("the forged message was not delivered");
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        } finally {
            Libc.close(socket);
        }
    }
}
