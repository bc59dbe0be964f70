package io.multinic.agent.install;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Installs the CNI binary in the plugin directory of the node's container runtime.
///
/// The runtime may execute the binary at any time, so it is replaced atomically, and only after a successful trial: the
/// new binary, executed in the same directory, called STATUS of this agent over the socket. Until then the existing
/// binary stays. Not thread-safe: called by one loop only.
public final class BinaryInstaller {
    private static final Logger log = LoggerFactory.getLogger(BinaryInstaller.class);

    /// The CNI `type` of our networks; runtimes execute the file of that name.
    private static final String NAME = "multi-nic";

    private static final Set<PosixFilePermission> MODE = PosixFilePermissions.fromString("rwxr-xr-x");

    private final Path source;
    private final Path directory;
    private final Path target;
    private final Path draft;
    private final Runnable requireReady;
    private final BinaryTrial trial;
    private volatile Optional<String> obstacle = Optional.of("the agent has just started");

    /// @param source the binary that belongs to this agent
    /// @param directory the node's directory of CNI plugins
    /// @param requireReady throws a [MultiNicException] as long as the agent cannot serve ADD
    public BinaryInstaller(Path source, Path directory, Runnable requireReady, BinaryTrial trial) {
        this.source = source;
        this.directory = directory;
        this.target = directory.resolve(NAME);
        this.draft = directory.resolve("." + NAME + ".new");
        this.requireReady = requireReady;
        this.trial = trial;
    }

    public Path target() {
        return target;
    }

    /// The reason why the binary of this agent is not installed; empty if it is.
    public Optional<String> obstacle() {
        return obstacle;
    }

    /// Installs the binary unless it is installed already.
    ///
    /// @return false while the agent is not ready, which is logged elsewhere
    /// @throws MultiNicException INTERNAL with the path and the reason
    public boolean reconcile() {
        try {
            requireReady.run();
        } catch (MultiNicException e) {
            obstacle = Optional.ofNullable(e.getMessage());
            return false;
        }
        try {
            if (!inPlace()) {
                install();
            }
            obstacle = Optional.empty();
            return true;
        } catch (IOException e) {
            throw failed(e.toString(), e);
        } catch (MultiNicException e) {
            throw failed(String.valueOf(e.getMessage()), e);
        }
    }

    private MultiNicException failed(String reason, Exception cause) {
        String message = "the CNI binary " + target + " cannot be installed: " + reason;
        obstacle = Optional.of(message);
        return new MultiNicException(ErrorCode.INTERNAL, message, cause);
    }

    private boolean inPlace() throws IOException {
        return isOurs() && Files.isExecutable(target);
    }

    private boolean isOurs() throws IOException {
        return Files.isRegularFile(target) && Files.mismatch(source, target) == -1;
    }

    private void install() throws IOException {
        boolean replaces = Files.exists(target);
        try {
            copy();
            trial.run(draft);
            Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
            flush(directory);
        } finally {
            Files.deleteIfExists(draft);
        }
        log.atInfo()
                .addKeyValue("file", target)
                .addKeyValue("bytes", Files.size(target))
                .log(replaces ? "CNI binary replaced" : "CNI binary installed");
    }

    /// Flushes the file before the rename: a power loss leaves the old or the new binary, never an empty file.
    private void copy() throws IOException {
        Files.copy(source, draft, StandardCopyOption.REPLACE_EXISTING);
        Files.setPosixFilePermissions(draft, MODE);
        flush(draft);
    }

    private static void flush(Path path) throws IOException {
        try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /// Removes the binary if it is that of this agent; a binary of another version belongs to another agent.
    public void remove() {
        try {
            if (!Files.exists(target)) {
                return;
            }
            if (!isOurs()) {
                log.atWarn().addKeyValue("file", target).log("CNI binary of another version is kept");
                return;
            }
            Files.delete(target);
            flush(directory);
            log.atInfo().addKeyValue("file", target).log("CNI binary removed");
        } catch (IOException e) {
            log.atError()
                    .addKeyValue("file", target)
                    .addKeyValue("reason", e)
                    .log("CNI binary cannot be removed, remove it manually");
        }
    }
}
