package io.multinic.agent.cni;

import io.multinic.agent.attach.CallLimits;
import io.multinic.agent.attach.CallLimits.Limit;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.threads.VirtualThreadExecutor;

/// The Unix socket that the CNI binary connects to: a web server of its own, so that CNI cannot be reached over TCP,
/// nor
/// health and metrics over the socket.
///
/// Only root can connect: the socket has mode 0600 in a directory that only its owner may change.
public final class CniSocket implements AutoCloseable {
    private static final int PATH_MAX = 107;
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    /// The web server needs a directory; one next to the socket is reused after a crash.
    private static final String SCRATCH = ".web";

    /// Limit of the binary for its headers, plus the request line.
    private static final int HEAD_MAX = 66 * 1024;

    /// Connections at a time; more wait in the kernel. A runtime has at most one for each pod that starts or ends.
    private static final int CONNECTIONS = 256;

    /// Every wait is shorter than the 110 s that the binary waits for its answer.
    private static final Limit BUILT_IN_CALLS = new Limit(32, CONNECTIONS, Duration.ofSeconds(100));

    /// A plugin that works gets through many calls in this time. A plugin that hangs occupies half of the connections
    /// at most.
    private static final Limit PLUGIN_CALLS = new Limit(8, 120, Duration.ofSeconds(20));

    private final Tomcat tomcat;
    private final CallLimits limits = new CallLimits(BUILT_IN_CALLS, PLUGIN_CALLS);
    private final CniServlet servlet;
    private final Path path;
    private final Duration grace;

    private CniSocket(Path path, CniHandler handler, Path scratch, Duration grace) {
        this.path = path;
        this.grace = grace;
        this.servlet = new CniServlet(handler, limits);
        this.tomcat = new Tomcat();
        tomcat.setBaseDir(scratch.toString());
        tomcat.getService().addConnector(connector(path));
        var context = (StandardContext) tomcat.addContext("", null);
        // Leak detection is for applications that are reloaded; this one is not.
        context.setClearReferencesRmiTargets(false);
        context.setClearReferencesThreadLocals(false);
        Tomcat.addServlet(context, "cni", servlet).setLoadOnStartup(1);
        context.addServletMapping("/cni", "cni");
    }

    /// Serves calls when it returns.
    ///
    /// @param grace how long [#close] waits for the calls that are under way
    /// @throws MultiNicException INTERNAL naming the path: another agent serves it, or it cannot be made
    public static CniSocket open(Path path, CniHandler handler, Duration grace) {
        try {
            prepare(path);
            Path scratch = Files.createDirectories(path.toAbsolutePath().resolveSibling(SCRATCH));
            var socket = new CniSocket(path, handler, scratch, grace);
            socket.tomcat.start();
            return socket;
        } catch (IOException | LifecycleException e) {
            throw unusable(path, String.valueOf(e.getMessage()), e);
        }
    }

    private static Connector connector(Path path) {
        var connector = new Connector("org.apache.coyote.http11.Http11NioProtocol");
        connector.setThrowOnFailure(true);
        connector.setProperty("unixDomainSocketPath", path.toString());
        connector.setProperty("unixDomainSocketPathPermissions", "rw-------");
        connector.setProperty("maxConnections", String.valueOf(CONNECTIONS));
        // Requests wait on virtual threads; CallLimits executes the calls on platform threads.
        connector.getProtocolHandler().setExecutor(new VirtualThreadExecutor("cni-"));
        connector.setProperty("processorCache", "8");
        connector.setProperty("maxHttpRequestHeaderSize", String.valueOf(HEAD_MAX));
        // The rest of a configuration that is too large is read and dropped, so that the client receives the
        // reply.
        connector.setProperty("maxSwallowSize", String.valueOf(64 << 20));
        return connector;
    }

    private static void prepare(Path path) throws IOException {
        if (path.toString().getBytes(StandardCharsets.UTF_8).length > PATH_MAX) {
            throw new IOException("it is longer than " + PATH_MAX + " bytes");
        }
        Path directory = Objects.requireNonNull(path.toAbsolutePath().getParent());
        if (Files.isDirectory(directory)) {
            restrict(directory, path);
        } else {
            Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        }
        removeStale(path);
    }

    /// Restricts the directory to its owner, as the web server requires. A directory that the kubelet created for
    /// the agent's pod may be world-readable; it is restricted unless it contains files of others.
    private static void restrict(Path directory, Path path) throws IOException {
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(directory);
        if (permissions.equals(OWNER_ONLY)) {
            return;
        }
        if (permissions.contains(PosixFilePermission.GROUP_WRITE)
                || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new IOException("directory " + directory + " can be written by others; use one of mode 0700");
        }
        var own = Set.of(path.getFileName(), Path.of(SCRATCH));
        try (Stream<Path> files = Files.list(directory)) {
            if (!files.map(Path::getFileName).allMatch(own::contains)) {
                throw new IOException("directory " + directory + " is used by others too; use one of mode 0700");
            }
        }
        Files.setPosixFilePermissions(directory, OWNER_ONLY);
    }

    /// Removes the socket of an agent that was killed; a running agent accepts connections.
    private static void removeStale(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!isSocket(path)) {
            throw new IOException("something that is not a socket is in its place");
        }
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(path));
        } catch (IOException e) {
            Files.delete(path);
            return;
        }
        throw new IOException("another agent serves it");
    }

    private static boolean isSocket(Path path) throws IOException {
        int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        return (mode & 0170000) == 0140000;
    }

    private static MultiNicException unusable(Path path, String reason, Exception cause) {
        return new MultiNicException(
                ErrorCode.INTERNAL, "the CNI socket " + path + " cannot be served: " + reason, cause);
    }

    /// Accepts no new calls and waits for the running ones, at most for the grace period; then interrupts them.
    @Override
    public void close() {
        tomcat.getConnector().pause();
        long end = System.nanoTime() + grace.toNanos();
        try {
            while (servlet.underWay() > 0 && System.nanoTime() < end) {
                Thread.sleep(10);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        limits.close();
        try {
            tomcat.stop();
            tomcat.destroy();
            Files.deleteIfExists(path);
        } catch (IOException | LifecycleException e) {
            throw unusable(path, String.valueOf(e.getMessage()), e);
        }
    }
}
