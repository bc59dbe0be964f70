package io.multinic.agent.attach.driver;

import io.multinic.agent.attach.plan.DriverConfig;
import io.multinic.agent.attach.plan.PodInterface;
import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.HardwareAddress;
import io.multinic.agent.kernel.InterfaceAddress;
import io.multinic.agent.kernel.Link;
import io.multinic.agent.kernel.LinkEnd;
import io.multinic.agent.kernel.NetworkStack;
import io.multinic.agent.kernel.NewLink;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Driver of macvlan and ipvlan: each interface is a child link of its NIC.
final class ChildLinkDriver implements InterfaceDriver {
    private final NetworkStack host;
    private final DriverConfig.ChildLink config;

    /// @param host the namespace of the NICs
    ChildLinkDriver(NetworkStack host, DriverConfig.ChildLink config) {
        this.host = host;
        this.config = config;
    }

    @Override
    public Attached attach(OpenSandbox sandbox, List<PodInterface> interfaces) {
        List<Link> links = create(sandbox, interfaces, PodLinks.requested(interfaces, config.mac()));
        return Attached.asRequested(PodLinks.described(links, sandbox), interfaces, List.of());
    }

    @Override
    public void restore(OpenSandbox sandbox, List<PodInterface> interfaces, Map<String, HardwareAddress> hardware) {
        create(sandbox, interfaces, hardware);
    }

    private List<Link> create(
            OpenSandbox sandbox, List<PodInterface> interfaces, Map<String, HardwareAddress> hardware) {
        List<Link> links = PodLinks.create(
                host,
                sandbox,
                interfaces,
                config.acceptsRouterAdvertisements(),
                (podInterface, nic) -> newLink(podInterface, nic, sandbox, hardware.get(podInterface.name())));
        List<Change> changes = new ArrayList<>();
        for (int i = 0; i < links.size(); i++) {
            Link link = links.get(i);
            changes.addAll(PodLinks.configure(
                    link,
                    interfaces.get(i).addresses().stream()
                            .map(address -> InterfaceAddress.of(link.index(), address))
                            .toList()));
        }
        sandbox.stack().apply(changes);
        return links;
    }

    private NewLink newLink(
            PodInterface podInterface, Link nic, OpenSandbox sandbox, @Nullable HardwareAddress address) {
        LinkEnd end = LinkEnd.of(podInterface.name())
                .in(sandbox.namespace())
                .withMtu(config.mtu())
                .down();
        return switch (config) {
            case DriverConfig.Macvlan macvlan ->
                new NewLink.Macvlan(nic.index(), macvlan.mode(), address == null ? end : end.withAddress(address));
            case DriverConfig.Ipvlan ipvlan -> new NewLink.Ipvlan(nic.index(), ipvlan.mode(), end);
        };
    }

    @Override
    public void detach(Optional<OpenSandbox> sandbox, List<PodInterface> interfaces) {
        PodLinks.delete(sandbox, interfaces);
    }
}
