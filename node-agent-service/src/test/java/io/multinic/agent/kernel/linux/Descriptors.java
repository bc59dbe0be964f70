package io.multinic.agent.kernel.linux;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// File descriptors of this process, for tests that break them.
final class Descriptors {
    private Descriptors() {}

    /// The descriptors that are sockets.
    static List<Integer> sockets() throws IOException {
        try (var files = Files.list(Path.of("/proc/self/fd"))) {
            return files.filter(Descriptors::isSocket)
                    .map(file -> Integer.parseInt(file.getFileName().toString()))
                    .toList();
        }
    }

    private static boolean isSocket(Path file) {
        try {
            return Files.readSymbolicLink(file).toString().startsWith("socket:");
        } catch (IOException e) {
            return false; // closed in the meantime, as that of the listing itself
        }
    }

    /// Replaces what the descriptor refers to by `/dev/null`.
    static void replaceByNothing(int descriptor) throws Exception {
        var linker = Linker.nativeLinker();
        var dup2 = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("dup2"),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        int nothing = Libc.open("/dev/null", Libc.O_CLOEXEC);
        try {
            int result = (int) dup2.invokeExact(nothing, descriptor);
            if (result != descriptor) {
                throw new IllegalStateException("descriptor " + descriptor + " was not replaced");
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        } finally {
            Libc.close(nothing);
        }
    }
}
