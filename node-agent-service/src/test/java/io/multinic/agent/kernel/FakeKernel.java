package io.multinic.agent.kernel;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A kernel in memory: as strict as the real one in everything that `KernelContract` covers, with injectable faults.
///
/// Everything happens on the caller's thread, events included.
public final class FakeKernel implements Kernel {
    private static final int FIRST_DESCRIPTOR = 100;

    private final Map<Path, FakeNetwork> mounted = new HashMap<>();
    private final Map<Integer, FakeNetwork> descriptors = new HashMap<>();
    private final Set<String> missingKinds = new HashSet<>();
    private final List<Fault> faults = new ArrayList<>();
    private final FakeNetwork own;
    private int nextDescriptor = FIRST_DESCRIPTOR;
    private long nextInode = 1;
    private int openStacks;

    private record Fault(Predicate<Change> where, Errno errno) {}

    public FakeKernel() {
        own = new FakeNetwork(this, nextInode++);
    }

    /// Creates a namespace that [#openNamespace] finds at `path`.
    public synchronized void mountNamespace(Path path) {
        mounted.put(path, new FakeNetwork(this, nextInode++));
    }

    /// Removes a namespace with its path and all its links, as when a sandbox ends.
    public synchronized void unmountNamespace(Path path) {
        FakeNetwork network = mounted.remove(path);
        if (network != null) {
            network.deleteAllLinks();
        }
    }

    /// A stack of the process's own namespace, for test setup.
    public NetworkStack ownStack() {
        try (var namespace = ownNamespace()) {
            return open(namespace);
        }
    }

    /// Adds a link without parent to the process's own namespace, as a NIC would be; it is up and has carrier.
    public synchronized Link addHardware(String name, HardwareAddress address, String parentDevice) {
        return own.addHardware(name, address, parentDevice);
    }

    /// Makes this kernel refuse links of that kind from now on.
    public synchronized void without(String kind) {
        missingKinds.add(kind);
    }

    /// Makes the next change that `where` accepts fail, once.
    public synchronized void failNext(Predicate<Change> where, Errno errno) {
        faults.add(new Fault(where, errno));
    }

    /// Number of open namespace handles and stacks.
    public synchronized int openHandles() {
        return descriptors.size() + openStacks;
    }

    @Override
    public synchronized NetworkNamespace ownNamespace() {
        return new Handle(own, Path.of("/proc/self/ns/net"));
    }

    @Override
    public synchronized NetworkNamespace openNamespace(Path path) {
        FakeNetwork network = mounted.get(path);
        if (network == null) {
            throw new MultiNicException(ErrorCode.NETNS_UNUSABLE, "network namespace '" + path + "': ENOENT");
        }
        return new Handle(network, path);
    }

    @Override
    public synchronized NetworkNamespace createNamespace() {
        return new Handle(new FakeNetwork(this, nextInode++), null);
    }

    @Override
    public synchronized NetworkStack open(NetworkNamespace namespace) {
        FakeNetwork network = network(namespace);
        openStacks++;
        return new FakeStack(network, () -> {
            synchronized (this) {
                openStacks--;
            }
        });
    }

    /// Not modelled: no activity is reported.
    @Override
    public synchronized Subscription watch(NetworkNamespace namespace, Consumer<NamespaceActivity> listener) {
        return () -> {};
    }

    @Override
    public synchronized Subscription subscribe(
            NetworkNamespace namespace, Set<EventGroup> groups, Consumer<KernelEvent> listener) {
        return network(namespace).subscribe(groups, listener);
    }

    FakeNetwork network(NetworkNamespace namespace) {
        FakeNetwork network = descriptors.get(namespace.descriptor());
        if (network == null) {
            throw new IllegalStateException(namespace + " is no handle of this kernel");
        }
        return network;
    }

    boolean knows(String kind) {
        return !missingKinds.contains(kind);
    }

    /// The fault injected for this change; removed once returned.
    @Nullable
    Errno fault(Change change) {
        for (var fault : faults) {
            if (fault.where.test(change)) {
                faults.remove(fault);
                return fault.errno;
            }
        }
        return null;
    }

    private final class Handle implements NetworkNamespace {
        private final FakeNetwork network;
        private final int descriptor = nextDescriptor++;
        private final Path path;

        Handle(FakeNetwork network, @Nullable Path path) {
            this.network = network;
            this.path = path != null ? path : Path.of("/proc/1/fd/" + descriptor);
            descriptors.put(descriptor, network);
        }

        @Override
        public NamespaceId id() {
            return new NamespaceId(4, network.inode());
        }

        @Override
        public int descriptor() {
            if (!descriptors.containsKey(descriptor)) {
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
            return task.call();
        }

        @Override
        public String sysctl(String key) {
            return network.sysctl(key);
        }

        @Override
        public Optional<String> findSysctl(String key) {
            return network.findSysctl(key);
        }

        @Override
        public void setSysctl(String key, String value) {
            network.setSysctl(key, value);
        }

        @Override
        public void setExistingSysctls(Map<String, String> values) {
            values.forEach((key, value) -> {
                if (network.hasSysctl(key)) {
                    network.setSysctl(key, value);
                }
            });
        }

        @Override
        public void close() {
            synchronized (FakeKernel.this) {
                descriptors.remove(descriptor);
            }
        }

        @Override
        public String toString() {
            return path.toString();
        }
    }
}
