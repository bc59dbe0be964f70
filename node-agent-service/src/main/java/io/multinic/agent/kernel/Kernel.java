package io.multinic.agent.kernel;

import java.nio.file.Path;
import java.util.Set;
import java.util.function.Consumer;

/// Port: gives access to network namespaces and their network stacks.
public interface Kernel {
    /// The namespace of this process.
    NetworkNamespace ownNamespace();

    /// Opens the namespace at `path`, such as `/run/netns/x` or `/proc/1/ns/net`.
    ///
    /// @throws io.multinic.contract.error.MultiNicException NETNS_UNUSABLE if it is missing or not a network
    ///     namespace
    NetworkNamespace openNamespace(Path path);

    /// Creates a namespace that exists as long as its handle, its links or its processes; its `lo` is down.
    NetworkNamespace createNamespace();

    /// The network stack of a namespace. The handle may be closed before the stack is.
    NetworkStack open(NetworkNamespace namespace);

    /// Calls `listener` for every later change in `namespace`, in the kernel's order, on one thread.
    ///
    /// To miss no change, subscribe before listing, and list again after every [KernelEvent.Overrun].
    Subscription subscribe(NetworkNamespace namespace, Set<EventGroup> groups, Consumer<KernelEvent> listener);

    /// Calls `listener` for every later change in `namespace` and in all namespaces that have a number in it, on one
    /// thread. No socket is held in the other namespaces, so they end with their processes.
    Subscription watch(NetworkNamespace namespace, Consumer<NamespaceActivity> listener);
}
