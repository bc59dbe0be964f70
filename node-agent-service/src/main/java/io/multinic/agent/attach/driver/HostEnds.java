package io.multinic.agent.attach.driver;

import io.multinic.agent.attach.plan.AttachmentResult.AttachedInterface;
import io.multinic.agent.attach.plan.PodInterface;
import io.multinic.agent.attach.plan.PodRoutes;
import io.multinic.agent.attach.state.HostDeviations;
import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.HardwareAddress;
import io.multinic.agent.kernel.InterfaceAddress;
import io.multinic.agent.kernel.Ipv4Setting;
import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.kernel.Link;
import io.multinic.agent.kernel.Neighbour;
import io.multinic.agent.kernel.NetworkNamespace;
import io.multinic.agent.kernel.NetworkStack;
import io.multinic.contract.address.IpFamily;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// The host ends of routed veth pairs: each represents the whole on-link network to its pod. [HostDeviations] defines
/// their
/// state.
public final class HostEnds {
    static final String IPV6_FORWARDING = "net/ipv6/conf/all/forwarding";

    private final Kernel kernel;
    private final NetworkStack host;
    private final int table;

    HostEnds(Kernel kernel, NetworkStack host, int table) {
        this.kernel = kernel;
        this.host = host;
        this.table = table;
    }

    /// Configures the host ends of existing pairs.
    ///
    /// @param podEnds the links in the pod, in the order of the interfaces
    List<AttachedInterface> connect(List<PodInterface> interfaces, List<Link> podEnds) {
        List<AttachedInterface> ends = new ArrayList<>();
        List<Change> changes = new ArrayList<>();
        try (var namespace = kernel.ownNamespace()) {
            for (int i = 0; i < interfaces.size(); i++) {
                PodInterface podInterface = interfaces.get(i);
                forward(namespace, podInterface);
                Link end = host.link(podInterface.hostEnd())
                        .orElseThrow(() -> new MultiNicException(
                                ErrorCode.KERNEL_REFUSED, "host end " + podInterface.hostEnd() + " has vanished"));
                ends.add(PodLinks.described(end, ""));
                changes.add(new Change.SetIpv4(end.index(), HostDeviations.SETTINGS));
                changes.add(new Change.SetProxyDelay(end.index(), Duration.ZERO));
                if (podInterface.has(IpFamily.IPV6)) {
                    changes.add(new Change.ReplaceAddress(InterfaceAddress.of(end.index(), PodRoutes.HOST_END)));
                }
                HostDeviations.routes(podInterface, end.index(), table)
                        .forEach(route -> changes.add(new Change.ReplaceRoute(route)));
                neighbours(podInterface, end, podEnds.get(i))
                        .forEach(neighbour -> changes.add(new Change.ReplaceNeighbour(neighbour)));
            }
        }
        host.apply(changes);
        return ends;
    }

    private static List<Neighbour> neighbours(PodInterface podInterface, Link end, Link podEnd) {
        HardwareAddress hardware = podEnd.address();
        return podInterface.addresses().stream()
                .map(PrefixedAddress::address)
                .filter(address -> hardware != null && address.family() == IpFamily.IPV4)
                .map(address -> Neighbour.permanent(end.index(), address, Objects.requireNonNull(hardware)))
                .toList();
    }

    /// Enables forwarding by sysctl and not by netlink, since only the sysctl also turns large receive offload off.
    void forward(NetworkNamespace namespace, PodInterface podInterface) {
        String nic = podInterface.nic();
        if (podInterface.has(IpFamily.IPV4)) {
            int index = host.link(nic).map(Link::index).orElse(0);
            if (host.ipv4Settings(index).getOrDefault(Ipv4Setting.FORWARDING, 0) == 0) {
                namespace.setSysctl("net/ipv4/conf/" + nic + "/forwarding", "1");
            }
        }
        if (podInterface.has(IpFamily.IPV6) && namespace.sysctl(IPV6_FORWARDING).equals("0")) {
            // IPv6 forwarding is enabled for all links or none. An uplink that learns its default route
            // from router advertisements keeps doing so on a forwarding host only with accept_ra 2.
            // A link with an MTU below 1280 has no IPv6 settings.
            for (Link link : host.links()) {
                String acceptRa = "net/ipv6/conf/" + link.name() + "/accept_ra";
                if (!link.loopback() && namespace.findSysctl(acceptRa).equals(Optional.of("1"))) {
                    namespace.setSysctl(acceptRa, "2");
                }
            }
            namespace.setSysctl(IPV6_FORWARDING, "1");
        }
    }

    /// Deletes the host ends that exist: most were deleted with their other end, those of a namespace that cannot
    /// be opened were not.
    static void delete(NetworkStack host, List<PodInterface> interfaces) {
        List<Integer> left = new ArrayList<>();
        for (PodInterface podInterface : interfaces) {
            host.link(podInterface.hostEnd()).map(Link::index).ifPresent(left::add);
        }
        if (!left.isEmpty()) {
            host.deleteLinks(left);
        }
    }
}
