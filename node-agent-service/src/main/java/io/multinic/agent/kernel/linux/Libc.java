package io.multinic.agent.kernel.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/// The C calls that netlink and namespaces need. Each returns its result, or the negative errno.
final class Libc {
    static final int CLONE_NEWNET = 0x4000_0000;
    static final int O_CLOEXEC = 0x80000;
    static final int O_NONBLOCK = 0x800;
    static final int O_NOCTTY = 0x100;
    static final int MSG_TRUNC = 0x20;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private static final MethodHandle SOCKET =
            handle("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle BIND =
            handle("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle SETSOCKOPT =
            handle("setsockopt", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle SEND =
            handle("send", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    private static final MethodHandle RECVFROM = handle(
            "recvfrom", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS));
    private static final MethodHandle RECVMSG =
            handle("recvmsg", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle CLOSE = handle("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle SETNS = handle("setns", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle UNSHARE = handle("unshare", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle OPEN =
            handle("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), Linker.Option.firstVariadicArg(2));
    private static final MethodHandle IOCTL =
            handle("ioctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG), Linker.Option.firstVariadicArg(2));

    private Libc() {}

    private static MethodHandle handle(String name, FunctionDescriptor type, Linker.Option... more) {
        var options = new Linker.Option[more.length + 1];
        options[0] = Linker.Option.captureCallState("errno");
        System.arraycopy(more, 0, options, 1, more.length);
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), type, options);
    }

    private interface Call {
        long invoke(Arena arena, MemorySegment state) throws Throwable;
    }

    private static long call(Call call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CALL_STATE);
            long result = call.invoke(arena, state);
            return result < 0 ? -(int) ERRNO.get(state, 0L) : result;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    static int socket(int domain, int type, int protocol) {
        return (int) call((arena, state) -> (int) SOCKET.invokeExact(state, domain, type, protocol));
    }

    static int bind(int fd, byte[] socketAddress) {
        return (int) call((arena, state) ->
                (int) BIND.invokeExact(state, fd, arena.allocateFrom(JAVA_BYTE, socketAddress), socketAddress.length));
    }

    static int setsockopt(int fd, int level, int option, byte[] value) {
        return (int) call((arena, state) -> (int)
                SETSOCKOPT.invokeExact(state, fd, level, option, arena.allocateFrom(JAVA_BYTE, value), value.length));
    }

    static long send(int fd, MemorySegment data) {
        return call((arena, state) -> (long) SEND.invokeExact(state, fd, data, data.byteSize(), 0));
    }

    /// @param sender filled with the sender's socket address
    static long recvfrom(int fd, MemorySegment data, int flags, MemorySegment sender) {
        return call((arena, state) -> (long)
                RECVFROM.invokeExact(state, fd, data, data.byteSize(), flags, sender, arena.allocateFrom(JAVA_INT, (int)
                        sender.byteSize())));
    }

    /// @param header a `msghdr`, filled by the kernel
    static long recvmsg(int fd, MemorySegment header, int flags) {
        return call((arena, state) -> (long) RECVMSG.invokeExact(state, fd, header, flags));
    }

    static int close(int fd) {
        return (int) call((arena, state) -> (int) CLOSE.invokeExact(state, fd));
    }

    static int setns(int fd, int kind) {
        return (int) call((arena, state) -> (int) SETNS.invokeExact(state, fd, kind));
    }

    static int unshare(int what) {
        return (int) call((arena, state) -> (int) UNSHARE.invokeExact(state, what));
    }

    static int open(String path, int flags) {
        return (int) call((arena, state) -> (int) OPEN.invokeExact(state, arena.allocateFrom(path), flags));
    }

    static int ioctl(int fd, long request) {
        return (int) call((arena, state) -> (int) IOCTL.invokeExact(state, fd, request));
    }
}
