package io.multinic.agent.kernel.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;

/// Calls capget(2) and capset(2), which affect the calling thread only.
final class Capabilities {
    private static final int VERSION_3 = 0x20080522;
    private static final int CAP_NET_ADMIN = 12;

    private Capabilities() {}

    /// Removes CAP_NET_ADMIN from the calling thread's effective set permanently.
    static void dropNetAdmin() {
        try (Arena arena = Arena.ofConfined()) {
            var header = arena.allocateFrom(JAVA_INT, VERSION_3, 0);
            var sets = arena.allocate(6L * Integer.BYTES, Integer.BYTES);
            call("capget", header, sets);
            sets.set(JAVA_INT, 0, sets.get(JAVA_INT, 0) & ~(1 << CAP_NET_ADMIN));
            call("capset", header, sets);
        }
    }

    private static void call(
            String name, java.lang.foreign.MemorySegment header, java.lang.foreign.MemorySegment sets) {
        var linker = Linker.nativeLinker();
        var function = linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name), FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
        try {
            int result = (int) function.invokeExact(header, sets);
            if (result != 0) {
                throw new IllegalStateException(name + " failed");
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
