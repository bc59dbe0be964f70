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
import io.multinic.contract.address.IpFamily;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Driver of routed veth pairs (ptp): one end of each pair is in the pod, the other is one of the [HostEnds].
final class RoutedVethDriver implements InterfaceDriver {
    private final NetworkStack host;
    private final HostEnds hostEnds;
    private final DriverConfig.RoutedVeth config;

    /// @param host the namespace of the NICs
    RoutedVethDriver(NetworkStack host, HostEnds hostEnds, DriverConfig.RoutedVeth config) {
        this.host = host;
        this.hostEnds = hostEnds;
        this.config = config;
    }

    @Override
    public Attached attach(OpenSandbox sandbox, List<PodInterface> interfaces) {
        List<Link> links = create(sandbox, interfaces, PodLinks.requested(interfaces, config.mac()));
        return Attached.asRequested(
                PodLinks.described(links, sandbox), interfaces, hostEnds.connect(interfaces, links));
    }

    @Override
    public void restore(OpenSandbox sandbox, List<PodInterface> interfaces, Map<String, HardwareAddress> hardware) {
        hostEnds.connect(interfaces, create(sandbox, interfaces, hardware));
    }

    private List<Link> create(
            OpenSandbox sandbox, List<PodInterface> interfaces, Map<String, HardwareAddress> hardware) {
        List<Link> links = PodLinks.create(
                host,
                sandbox,
                interfaces,
                false,
                (podInterface, nic) -> newPair(podInterface, nic, sandbox, hardware.get(podInterface.name())));
        List<Change> changes = new ArrayList<>();
        for (int i = 0; i < links.size(); i++) {
            changes.addAll(PodLinks.configure(
                    links.get(i), addresses(interfaces.get(i), links.get(i).index())));
        }
        sandbox.stack().apply(changes);
        return links;
    }

    private static List<InterfaceAddress> addresses(PodInterface podInterface, int index) {
        return podInterface.addresses().stream()
                .map(address -> {
                    var onLink = InterfaceAddress.of(index, address);
                    boolean throughHost = address.address().family() == IpFamily.IPV6;
                    return throughHost ? onLink.withoutPrefixRoute() : onLink;
                })
                .toList();
    }

    private NewLink newPair(
            PodInterface podInterface, Link nic, OpenSandbox sandbox, @Nullable HardwareAddress address) {
        int mtu = config.mtu() == 0 ? nic.mtu() : config.mtu();
        LinkEnd podEnd = LinkEnd.of(podInterface.name())
                .in(sandbox.namespace())
                .withMtu(mtu)
                .down();
        return new NewLink.Veth(
                LinkEnd.of(podInterface.hostEnd()).withMtu(mtu),
                address == null ? podEnd : podEnd.withAddress(address));
    }

    @Override
    public void detach(Optional<OpenSandbox> sandbox, List<PodInterface> interfaces) {
        PodLinks.delete(sandbox, interfaces);
        HostEnds.delete(host, interfaces);
    }
}
