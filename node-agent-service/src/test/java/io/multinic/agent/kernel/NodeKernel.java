package io.multinic.agent.kernel;

import java.nio.file.Path;
import java.util.Set;
import java.util.function.Consumer;

/// A kernel whose own namespace is that of a test node.
public record NodeKernel(Kernel kernel, Path node) implements Kernel {
    @Override
    public NetworkNamespace ownNamespace() {
        return kernel.openNamespace(node);
    }

    @Override
    public NetworkNamespace openNamespace(Path path) {
        return kernel.openNamespace(path);
    }

    @Override
    public NetworkNamespace createNamespace() {
        return kernel.createNamespace();
    }

    @Override
    public NetworkStack open(NetworkNamespace namespace) {
        return kernel.open(namespace);
    }

    @Override
    public Subscription watch(NetworkNamespace namespace, Consumer<NamespaceActivity> listener) {
        return kernel.watch(namespace, listener);
    }

    @Override
    public Subscription subscribe(NetworkNamespace namespace, Set<EventGroup> groups, Consumer<KernelEvent> listener) {
        return kernel.subscribe(namespace, groups, listener);
    }
}
