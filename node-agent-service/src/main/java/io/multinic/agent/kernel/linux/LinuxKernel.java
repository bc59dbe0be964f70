package io.multinic.agent.kernel.linux;

import io.multinic.agent.kernel.EventGroup;
import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.kernel.KernelEvent;
import io.multinic.agent.kernel.NamespaceActivity;
import io.multinic.agent.kernel.NetworkNamespace;
import io.multinic.agent.kernel.NetworkStack;
import io.multinic.agent.kernel.RouteFilter;
import io.multinic.agent.kernel.Subscription;
import io.multinic.contract.address.IpFamily;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.Consumer;

/// The kernel that this process runs on. Changes need CAP_NET_ADMIN in the namespace, entering one needs CAP_SYS_ADMIN.
public final class LinuxKernel implements Kernel {
    private final Path sysctls;

    public LinuxKernel() {
        this(Path.of("/proc/sys"));
    }

    /// @param sysctls a writable `/proc/sys`; that of a container is read-only
    public LinuxKernel(Path sysctls) {
        this.sysctls = sysctls;
    }

    /// Makes the first calls, which load and compile the foreign-function code (about 250 ms), so that the first
    /// attachment does not wait for it.
    public void warmUp() {
        try (var namespace = ownNamespace();
                var stack = open(namespace)) {
            stack.links();
            stack.addresses();
            stack.routes(RouteFilter.all(IpFamily.IPV4));
            stack.rules(IpFamily.IPV4);
        }
    }

    @Override
    public NetworkNamespace ownNamespace() {
        return NamespaceHandle.open(Path.of("/proc/self/ns/net"), sysctls);
    }

    @Override
    public NetworkNamespace openNamespace(Path path) {
        return NamespaceHandle.open(path, sysctls);
    }

    @Override
    public NetworkNamespace createNamespace() {
        return NamespaceHandle.create(sysctls);
    }

    @Override
    public NetworkStack open(NetworkNamespace namespace) {
        return new NetlinkStack(NamespaceThread.open(namespace.descriptor(), NetlinkSocket::forRequests));
    }

    @Override
    public Subscription watch(NetworkNamespace namespace, Consumer<NamespaceActivity> listener) {
        return ActivitySubscription.open(namespace, listener);
    }

    @Override
    public Subscription subscribe(NetworkNamespace namespace, Set<EventGroup> groups, Consumer<KernelEvent> listener) {
        return EventSubscription.open(namespace, groups, listener);
    }
}
