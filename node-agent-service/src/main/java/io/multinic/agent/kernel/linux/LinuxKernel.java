package io.multinic.agent.kernel.linux;

import static io.multinic.agent.kernel.netlink.Rtnetlink.*;

import io.multinic.agent.kernel.EventGroup;
import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.kernel.KernelEvent;
import io.multinic.agent.kernel.NamespaceActivity;
import io.multinic.agent.kernel.NetworkNamespace;
import io.multinic.agent.kernel.NetworkStack;
import io.multinic.agent.kernel.RouteFilter;
import io.multinic.agent.kernel.SkippedMessages;
import io.multinic.agent.kernel.SkippedMessages.Kind;
import io.multinic.agent.kernel.Subscription;
import io.multinic.contract.address.IpFamily;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The kernel that this process runs on. Changes need CAP_NET_ADMIN in the namespace, entering one needs CAP_SYS_ADMIN.
public final class LinuxKernel implements Kernel {
    private static final Logger log = LoggerFactory.getLogger(LinuxKernel.class);

    private final Path sysctls;
    private final SkippedMessages skipped = new SkippedMessages();

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
        return new NetlinkStack(
                NamespaceThread.open(namespace.descriptor(), NetlinkSocket::forRequests), this::skipped);
    }

    @Override
    public Subscription watch(NetworkNamespace namespace, Consumer<NamespaceActivity> listener) {
        return ActivitySubscription.open(namespace, listener);
    }

    @Override
    public Subscription subscribe(NetworkNamespace namespace, Set<EventGroup> groups, Consumer<KernelEvent> listener) {
        return EventSubscription.open(namespace, groups, this::skipped, listener);
    }

    /// Counts of the messages that were skipped, over all namespaces.
    public SkippedMessages skipped() {
        return skipped;
    }

    /// Logs the first message of each kind, since an object that stays is listed again and again.
    private void skipped(int messageType, RuntimeException reason) {
        Kind kind = switch (messageType) {
            case RTM_NEWLINK, RTM_DELLINK -> Kind.LINK;
            case RTM_NEWADDR, RTM_DELADDR -> Kind.ADDRESS;
            case RTM_NEWROUTE, RTM_DELROUTE -> Kind.ROUTE;
            case RTM_NEWRULE, RTM_DELRULE -> Kind.RULE;
            case RTM_NEWNEIGH, RTM_DELNEIGH -> Kind.NEIGHBOUR;
            default -> Kind.OTHER;
        };
        if (skipped.add(kind)) {
            log.atWarn()
                    .addKeyValue("kind", kind)
                    .addKeyValue("reason", reason.getMessage())
                    .log("kernel object of another program is not understood and ignored; later ones of this kind are"
                            + " only counted");
        }
    }
}
