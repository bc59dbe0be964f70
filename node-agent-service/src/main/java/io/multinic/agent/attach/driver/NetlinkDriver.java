package io.multinic.agent.attach.driver;

import io.multinic.agent.attach.plan.AttachmentResult;
import io.multinic.agent.attach.plan.AttachmentResult.AttachedInterface;
import io.multinic.agent.attach.plan.DriverConfig;
import io.multinic.agent.attach.plan.PodInterface;
import io.multinic.agent.attach.plan.PodRoutes.Placed;
import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.HardwareAddress;
import io.multinic.agent.kernel.InterfaceAddress;
import io.multinic.agent.kernel.Link;
import io.multinic.agent.kernel.LinkEnd;
import io.multinic.agent.kernel.NetworkStack;
import io.multinic.agent.kernel.NewLink;
import io.multinic.contract.address.IpFamily;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// macvlan, ipvlan and routed veth, made by netlink: the links of a pod in one batch, then their addresses in another.
///
/// Links come up straight in the pod's namespace. They go in one batch as well, since the kernel waits about 20 ms for
/// each deletion, or for all of them together.
public final class NetlinkDriver implements InterfaceDriver {
    /// Kinds that this driver makes; a link of another kind under one of our names is somebody else's.
    private static final Set<String> KINDS = Set.of("macvlan", "ipvlan", "veth");

    private final NetworkStack host;
    private final DriverConfig wiring;
    private final Optional<HostEnds> hostEnds;

    /// @param host the namespace of the NICs
    /// @param hostEnds of the routed veths; empty if the wiring makes none
    NetlinkDriver(NetworkStack host, DriverConfig wiring, Optional<HostEnds> hostEnds) {
        this.host = host;
        this.wiring = wiring;
        this.hostEnds = hostEnds;
    }

    @Override
    public Attached attach(OpenSandbox sandbox, List<PodInterface> interfaces) {
        List<Change> links = new ArrayList<>();
        for (PodInterface podInterface : interfaces) {
            links.add(new Change.AddLink(newLink(podInterface, sandbox)));
        }
        host.apply(links);

        List<Placed> placed = new ArrayList<>();
        List<AttachedInterface> attached = new ArrayList<>();
        for (PodInterface podInterface : interfaces) {
            Link link = sandbox.stack()
                    .link(podInterface.name())
                    .orElseThrow(() -> new MultiNicException(
                            ErrorCode.KERNEL_REFUSED,
                            "interface " + podInterface.name() + " was made but is not in " + sandbox.path()));
            placed.add(new Placed(podInterface, link.index()));
            attached.add(described(link, sandbox.path()));
        }
        enableIpv6(sandbox, interfaces);
        sandbox.stack().apply(addresses(placed));
        var ends = hostEnds.map(side -> side.connect(interfaces)).orElse(List.of());
        return new Attached(
                attached, interfaces.stream().map(PodInterface::addresses).toList(), ends);
    }

    private NewLink newLink(PodInterface podInterface, OpenSandbox sandbox) {
        Link nic = host.link(podInterface.nic())
                .orElseThrow(() -> new MultiNicException(
                        ErrorCode.MASTER_UNKNOWN, "NIC " + podInterface.nic() + " is not on this node any more"));
        LinkEnd end = LinkEnd.of(podInterface.name()).in(sandbox.namespace());
        return switch (wiring) {
            case DriverConfig.Macvlan macvlan ->
                new NewLink.Macvlan(nic.index(), macvlan.mode(), end.withMtu(macvlan.mtu()));
            case DriverConfig.Ipvlan ipvlan ->
                new NewLink.Ipvlan(nic.index(), ipvlan.mode(), end.withMtu(ipvlan.mtu()));
            case DriverConfig.RoutedVeth veth -> {
                int mtu = veth.mtu() == 0 ? nic.mtu() : veth.mtu();
                yield new NewLink.Veth(
                        LinkEnd.of(podInterface.hostEnd()).withMtu(mtu),
                        end.withMtu(mtu).down());
            }
            case DriverConfig.Executed executed ->
                throw new IllegalStateException(executed.type() + " is not built in");
        };
    }

    static AttachedInterface described(Link link, String sandbox) {
        HardwareAddress address = link.address();
        return new AttachedInterface(link.name(), address == null ? "" : address.toString(), link.mtu(), sandbox, null);
    }

    /// A runtime may have turned IPv6 off for new interfaces of the sandbox; who gives an address wants it on.
    private static void enableIpv6(OpenSandbox sandbox, List<PodInterface> interfaces) {
        for (PodInterface podInterface : interfaces) {
            String disabled = "net/ipv6/conf/" + podInterface.name() + "/disable_ipv6";
            if (hasIpv6(podInterface) && !sandbox.namespace().sysctl(disabled).equals("0")) {
                sandbox.namespace().setSysctl(disabled, "0");
            }
        }
    }

    private static boolean hasIpv6(PodInterface podInterface) {
        return podInterface.addresses().stream()
                .anyMatch(address -> address.address().family() == IpFamily.IPV6);
    }

    private List<Change> addresses(List<Placed> interfaces) {
        List<Change> changes = new ArrayList<>();
        for (Placed placed : interfaces) {
            if (hostEnds.isPresent()) {
                // The other end of a pair that spans namespaces cannot be made up.
                changes.add(new Change.SetLinkUp(placed.linkIndex(), true));
            }
            for (PrefixedAddress address : placed.podInterface().addresses()) {
                var onLink = InterfaceAddress.of(placed.linkIndex(), address);
                boolean throughHost = hostEnds.isPresent() && address.address().family() == IpFamily.IPV6;
                changes.add(new Change.ReplaceAddress(throughHost ? onLink.withoutPrefixRoute() : onLink));
            }
        }
        return changes;
    }

    @Override
    public void detach(Optional<OpenSandbox> sandbox, List<PodInterface> interfaces) {
        if (sandbox.isPresent()) {
            var stack = sandbox.get().stack();
            List<Integer> ours = new ArrayList<>();
            for (PodInterface podInterface : interfaces) {
                stack.link(podInterface.name())
                        .filter(link -> KINDS.contains(link.kind()))
                        .ifPresent(link -> ours.add(link.index()));
            }
            stack.deleteLinks(ours);
        }
        hostEnds.ifPresent(side -> side.disconnect(interfaces));
    }

    @Override
    public List<String> defects(OpenSandbox sandbox, List<PodInterface> interfaces, AttachmentResult attached) {
        List<String> defects = new ArrayList<>();
        var present = sandbox.stack().addresses();
        for (PodInterface podInterface : interfaces) {
            var link = sandbox.stack().link(podInterface.name());
            if (link.isEmpty()) {
                defects.add("interface " + podInterface.name() + " is missing");
                continue;
            }
            if (!link.get().up()) {
                defects.add("interface " + podInterface.name() + " is down");
            }
            for (PrefixedAddress address : podInterface.addresses()) {
                if (present.stream().noneMatch(InterfaceAddress.of(link.get().index(), address)::sameAs)) {
                    defects.add("interface " + podInterface.name() + " lacks address " + address);
                }
            }
        }
        hostEnds.ifPresent(side -> defects.addAll(side.defects(interfaces)));
        return defects;
    }
}
