package io.multinic.agent.kernel.linux;

import io.multinic.agent.kernel.Errno;
import io.multinic.agent.kernel.KernelException;
import io.multinic.agent.kernel.NamespaceId;
import io.multinic.agent.kernel.NetworkNamespace;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;

/// A namespace handle that holds a file descriptor.
final class NamespaceHandle implements NetworkNamespace {
    private static final long NS_GET_NSTYPE = 0xb703;
    private static final int SYSCTL_SIZE = 4096;
    private static final String IPV6_SETTINGS = "net/ipv6/conf";

    private final int descriptor;
    private final NamespaceId id;
    private final Path path;
    private final Path sysctls;
    private final AtomicBoolean closed = new AtomicBoolean();

    private NamespaceHandle(int descriptor, Path path, Path sysctls) {
        this.descriptor = descriptor;
        this.path = path;
        this.sysctls = sysctls;
        this.id = readId(descriptor);
    }

    /// Opens a path that must be a network namespace; a pipe or a device does not block.
    ///
    /// @param sysctls see [LinuxKernel]
    static NamespaceHandle open(Path path, Path sysctls) {
        int descriptor = Libc.open(path.toString(), Libc.O_CLOEXEC | Libc.O_NONBLOCK | Libc.O_NOCTTY);
        if (descriptor < 0) {
            throw cannotOpen(path, -descriptor);
        }
        if (Libc.ioctl(descriptor, NS_GET_NSTYPE) != Libc.CLONE_NEWNET) {
            Libc.close(descriptor);
            throw unusable(path, "it is not a network namespace");
        }
        return new NamespaceHandle(descriptor, path, sysctls);
    }

    /// Another descriptor of the namespace, which its owner must close.
    static int duplicate(int descriptor) {
        int copy = Libc.open("/proc/self/fd/" + descriptor, Libc.O_CLOEXEC);
        if (copy < 0) {
            throw new KernelException("open a network namespace again", -copy);
        }
        return copy;
    }

    static NamespaceHandle create(Path sysctls) {
        try {
            return NamespaceThread.run(() -> {
                int result = Libc.unshare(Libc.CLONE_NEWNET);
                if (result < 0) {
                    throw new KernelException("create a network namespace", -result);
                }
                int descriptor = Libc.open("/proc/thread-self/ns/net", Libc.O_CLOEXEC);
                if (descriptor < 0) {
                    throw new KernelException("open the new network namespace", -descriptor);
                }
                return new NamespaceHandle(descriptor, descriptorPath(descriptor), sysctls);
            });
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public NamespaceId id() {
        return id;
    }

    @Override
    public int descriptor() {
        if (closed.get()) {
            throw new IllegalStateException("the handle of " + path + " is closed");
        }
        return descriptor;
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public <T> T call(Callable<T> task) throws Exception {
        return NamespaceThread.inside(descriptor(), task);
    }

    @Override
    public String sysctl(String key) {
        return NamespaceThread.open(descriptor(), () -> {
            try (var file = Files.newInputStream(sysctls.resolve(key))) {
                return readAtOnce(file);
            } catch (IOException e) {
                throw refusedSysctl("read " + key, key, e);
            }
        });
    }

    @Override
    public Optional<String> findSysctl(String key) {
        return NamespaceThread.open(descriptor(), () -> {
            try (var file = Files.newInputStream(sysctls.resolve(key))) {
                return Optional.of(readAtOnce(file));
            } catch (NoSuchFileException e) {
                return Optional.empty();
            } catch (IOException e) {
                throw refusedSysctl("read " + key, key, e);
            }
        });
    }

    /// Called in the namespace.
    private MultiNicException refusedSysctl(String operation, String key, IOException reason) {
        String cannot = "cannot " + operation + " in " + path;
        if (!key.startsWith(IPV6_SETTINGS) || !(reason instanceof NoSuchFileException)) {
            return new MultiNicException(ErrorCode.KERNEL_REFUSED, cannot, reason);
        }
        return Files.notExists(sysctls.resolve(IPV6_SETTINGS))
                ? new MultiNicException(ErrorCode.KERNEL_LACKS_SUPPORT, cannot + ": " + KernelException.NO_IPV6, reason)
                : new MultiNicException(
                        ErrorCode.KERNEL_REFUSED, cannot + ": " + KernelException.NO_IPV6_ON_LINK, reason);
    }

    @Override
    public void setSysctl(String key, String value) {
        NamespaceThread.open(descriptor(), () -> write(key, value));
    }

    @Override
    public void setExistingSysctls(Map<String, String> values) {
        NamespaceThread.open(descriptor(), () -> {
            values.forEach((key, value) -> {
                if (Files.exists(sysctls.resolve(key))) {
                    write(key, value);
                }
            });
            return values;
        });
    }

    private Path write(String key, String value) {
        try {
            return Files.writeString(sysctls.resolve(key), value);
        } catch (IOException e) {
            throw refusedSysctl("set " + key + " to " + value, key, e);
        }
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            Libc.close(descriptor);
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }

    /// Reads a sysctl in one call; a second read returns nothing. `Files.readString` would read one byte first,
    /// because the size of such files is 0.
    private static String readAtOnce(InputStream file) throws IOException {
        var value = new byte[SYSCTL_SIZE];
        int length = file.read(value);
        return new String(value, 0, Math.max(0, length), StandardCharsets.US_ASCII).strip();
    }

    /// Path of a descriptor that other processes can open as long as this process exists.
    private static Path descriptorPath(int descriptor) {
        return Path.of("/proc", Long.toString(ProcessHandle.current().pid()), "fd", Integer.toString(descriptor));
    }

    private static NamespaceId readId(int descriptor) {
        try {
            var file = Path.of("/proc/self/fd", Integer.toString(descriptor));
            return new NamespaceId(
                    (long) Files.getAttribute(file, "unix:dev"), (long) Files.getAttribute(file, "unix:ino"));
        } catch (IOException e) {
            Libc.close(descriptor);
            throw new UncheckedIOException(e);
        }
    }

    /// A missing resource or right of this process is not evidence that the namespace is gone: treating it as gone
    /// would free the addresses of a running pod.
    private static MultiNicException cannotOpen(Path path, int errno) {
        return switch (Errno.of(errno)) {
            case EMFILE, ENFILE, ENOMEM, EINTR, EIO, EACCES, EPERM ->
                new KernelException("open network namespace " + path, errno);
            default -> unusable(path, Errno.of(errno).name());
        };
    }

    private static MultiNicException unusable(Path path, String why) {
        return new MultiNicException(ErrorCode.NETNS_UNUSABLE, "network namespace '" + path + "': " + why);
    }
}
