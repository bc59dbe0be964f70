package io.multinic.agent.kernel;

import java.nio.file.Path;
import java.util.Set;
import java.util.function.Consumer;

/// The way to network namespaces and to the network stack of each.
public interface Kernel {
    /// The namespace of this process.
    NetworkNamespace ownNamespace();

    /// Opens the namespace that `path` stands for, such as `/run/netns/x` or `/proc/1/ns/net`.
    ///
    /// @throws io.multinic.contract.error.MultiNicException NETNS_UNUSABLE if it is missing or something else
    NetworkNamespace openNamespace(Path path);

    /// Makes a namespace that exists only as long as its handle, its links and its processes; `lo` is down in it.
    NetworkNamespace createNamespace();

    /// The network stack of a namespace. The handle may be closed before the stack is.
    NetworkStack open(NetworkNamespace namespace);

    /// Calls `listener` for every change in `namespace` from now on, in the kernel's order, on one thread.
    ///
    /// To miss nothing: subscribe first, list afterwards, and list again after every [KernelEvent.Overrun].
    Subscription subscribe(NetworkNamespace namespace, Set<EventGroup> groups, Consumer<KernelEvent> listener);
}
