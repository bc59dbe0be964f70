package io.multinic.agent.cni;

import io.multinic.agent.kernel.EventGroup;
import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.kernel.KernelEvent;
import io.multinic.agent.kernel.NamespaceActivity;
import io.multinic.agent.kernel.NetworkNamespace;
import io.multinic.agent.kernel.NetworkStack;
import io.multinic.agent.kernel.Subscription;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.Consumer;

/// A kernel whose own namespace is that of a test node.
record NodeKernel(Kernel kernel, Path node) implements Kernel {
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
