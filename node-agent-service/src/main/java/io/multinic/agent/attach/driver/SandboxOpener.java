package io.multinic.agent.attach.driver;

import io.multinic.agent.journal.Sandbox;
import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.kernel.NetworkNamespace;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/// Opens the network namespaces of pods and compares them with the recorded ones.
///
/// The kernel reuses inodes of namespaces within a boot, so the identity is path, device and inode together with the
/// boot id; runtimes use a different path for each sandbox.
public final class SandboxOpener {
    private final Kernel kernel;
    private final String bootId;

    public SandboxOpener(Kernel kernel, String bootId) {
        this.kernel = kernel;
        this.bootId = bootId;
    }

    /// @throws MultiNicException NETNS_UNUSABLE if there is no namespace at `path`, or it is the host's own
    public OpenSandbox open(String path) {
        if (path.isEmpty()) {
            throw new MultiNicException(ErrorCode.NETNS_UNUSABLE, "CNI_NETNS is empty");
        }
        NetworkNamespace namespace = openNamespace(path);
        try {
            requireNotHost(namespace, path);
            return OpenSandbox.open(kernel, path, namespace, new Sandbox(path, identity(namespace)));
        } catch (RuntimeException e) {
            namespace.close();
            throw e;
        }
    }

    private NetworkNamespace openNamespace(String path) {
        try {
            return kernel.openNamespace(toPath(path));
        } catch (MultiNicException e) {
            if (e.code() == ErrorCode.NETNS_UNUSABLE && path.startsWith("/proc/")) {
                throw new MultiNicException(
                        e.code(),
                        e.getMessage()
                                + "; an agent without hostPID does not see processes of the node: use a container"
                                + " runtime that names namespaces in /run/netns",
                        e);
            }
            throw e;
        }
    }

    private static Path toPath(String path) {
        try {
            return Path.of(path);
        } catch (InvalidPathException e) {
            throw new MultiNicException(ErrorCode.NETNS_UNUSABLE, "CNI_NETNS is not a path: " + e.getMessage(), e);
        }
    }

    private void requireNotHost(NetworkNamespace namespace, String path) {
        try (var own = kernel.ownNamespace()) {
            if (own.id().equals(namespace.id())) {
                throw new MultiNicException(
                        ErrorCode.NETNS_UNUSABLE, "CNI_NETNS '" + path + "' is the namespace of the node itself");
            }
        }
    }

    private String identity(NetworkNamespace namespace) {
        return bootId + "/" + namespace.id().device() + "/" + namespace.id().inode();
    }

    /// The recorded namespace, by its recorded path or by `offeredPath`; empty if neither path leads to it.
    ///
    /// Where none was recorded (the attachment was restored from the ledger), `offeredPath` is accepted as it is.
    public Optional<OpenSandbox> reopen(Sandbox recorded, String offeredPath) {
        for (String path : new LinkedHashSet<>(List.of(recorded.path(), offeredPath))) {
            var sandbox = find(path);
            if (sandbox.isEmpty()) {
                continue;
            }
            boolean accepted = recorded.equals(Sandbox.UNKNOWN)
                    || sandbox.get().identity().identity().equals(recorded.identity());
            if (accepted) {
                return sandbox;
            }
            sandbox.get().close();
        }
        return Optional.empty();
    }

    /// True if the recorded path no longer leads to the recorded namespace.
    public boolean gone(Sandbox recorded) {
        try (var namespace = kernel.openNamespace(toPath(recorded.path()))) {
            return !identity(namespace).equals(recorded.identity());
        } catch (MultiNicException e) {
            if (e.code() == ErrorCode.NETNS_UNUSABLE) {
                return true;
            }
            throw e;
        }
    }

    private Optional<OpenSandbox> find(String path) {
        if (path.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(open(path));
        } catch (MultiNicException e) {
            if (e.code() == ErrorCode.NETNS_UNUSABLE) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
