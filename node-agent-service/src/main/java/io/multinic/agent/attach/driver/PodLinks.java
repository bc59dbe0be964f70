package io.multinic.agent.attach.driver;

import io.multinic.agent.attach.plan.AttachmentResult.AttachedInterface;
import io.multinic.agent.attach.plan.PodInterface;
import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.HardwareAddress;
import io.multinic.agent.kernel.InterfaceAddress;
import io.multinic.agent.kernel.Ipv4Setting;
import io.multinic.agent.kernel.Link;
import io.multinic.agent.kernel.NetworkStack;
import io.multinic.agent.kernel.NewLink;
import io.multinic.contract.address.IpFamily;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/// The links of a pod that the built-in drivers create by netlink: one batch for all of them.
///
/// They are deleted in one batch as well, since the kernel waits about 20 ms for each deletion, or once for all of them
/// together.
final class PodLinks {
    /// Kinds that the built-in drivers create; a link of another kind under the same name is not theirs.
    private static final Set<String> KINDS = Set.of("macvlan", "ipvlan", "veth");

    private PodLinks() {}

    /// Creates the links in the pod's namespace, down and with their IPv6 settings.
    ///
    /// @param newLink describes the link of an interface on its NIC; down, so that no packet precedes the settings
    /// @return the links, in the order of the interfaces
    static List<Link> create(
            NetworkStack host,
            OpenSandbox sandbox,
            List<PodInterface> interfaces,
            boolean acceptRa,
            BiFunction<PodInterface, Link, NewLink> newLink) {
        List<Change> changes = new ArrayList<>();
        for (PodInterface podInterface : interfaces) {
            Link nic = host.link(podInterface.nic())
                    .orElseThrow(() -> new MultiNicException(
                            ErrorCode.MASTER_UNKNOWN, "NIC " + podInterface.nic() + " is not on this node any more"));
            changes.add(new Change.AddLink(newLink.apply(podInterface, nic)));
        }
        host.apply(changes);
        List<Link> links = new ArrayList<>();
        for (PodInterface podInterface : interfaces) {
            links.add(sandbox.stack()
                    .link(podInterface.name())
                    .orElseThrow(() -> new MultiNicException(
                            ErrorCode.KERNEL_REFUSED,
                            "interface " + podInterface.name() + " was made but is not in " + sandbox.path())));
        }
        sandbox.namespace().setExistingSysctls(ipv6Settings(interfaces, acceptRa));
        return links;
    }

    /// The IPv6 settings of new interfaces.
    ///
    /// Without router advertisements, only this agent configures addresses and routes. A runtime may have disabled
    /// IPv6 for new interfaces of the sandbox.
    private static Map<String, String> ipv6Settings(List<PodInterface> interfaces, boolean acceptRa) {
        Map<String, String> settings = new LinkedHashMap<>();
        for (PodInterface podInterface : interfaces) {
            String link = "net/ipv6/conf/" + podInterface.name() + "/";
            if (!acceptRa) {
                settings.put(link + "accept_ra", "0");
                settings.put(link + "autoconf", "0");
            }
            settings.put(link + "ndisc_notify", "1");
            if (podInterface.has(IpFamily.IPV6)) {
                settings.put(link + "disable_ipv6", "0");
            }
        }
        return settings;
    }

    /// Changes that give a link its addresses and set it up, in this order: with `arp_notify` and `ndisc_notify` the
    /// kernel then announces the addresses, so that neighbours forget their previous owner.
    static List<Change> configure(Link link, List<InterfaceAddress> addresses) {
        List<Change> changes = new ArrayList<>();
        changes.add(new Change.SetIpv4(link.index(), Map.of(Ipv4Setting.ARP_NOTIFY, 1)));
        addresses.forEach(address -> changes.add(new Change.ReplaceAddress(address)));
        changes.add(new Change.SetLinkUp(link.index(), true));
        return changes;
    }

    /// Announces the addresses of links that another program has created and set up.
    ///
    /// Setting the hardware address that the link has makes the kernel announce, if `arp_notify` and `ndisc_notify`
    /// are set. Kinds without a hardware address of their own (ipvlan) refuse it; their plugin has to announce.
    static void announce(OpenSandbox sandbox, List<Link> links) {
        Map<String, String> settings = new LinkedHashMap<>();
        List<Change> changes = new ArrayList<>();
        for (Link link : links) {
            HardwareAddress address = link.address();
            if (address != null && !link.loopback()) {
                settings.put("net/ipv4/conf/" + link.name() + "/arp_notify", "1");
                settings.put("net/ipv6/conf/" + link.name() + "/ndisc_notify", "1");
                changes.add(new Change.SetLinkAddress(link.index(), address));
            }
        }
        if (!changes.isEmpty()) {
            sandbox.namespace().setExistingSysctls(settings);
            sandbox.stack().attempt(changes);
        }
    }

    /// The requested hardware address by name of interface; only the first interface can have one.
    static Map<String, HardwareAddress> requested(List<PodInterface> interfaces, @Nullable HardwareAddress mac) {
        return mac == null ? Map.of() : Map.of(interfaces.getFirst().name(), mac);
    }

    static AttachedInterface described(Link link, String sandbox) {
        HardwareAddress address = link.address();
        return new AttachedInterface(link.name(), address == null ? "" : address.toString(), link.mtu(), sandbox, null);
    }

    static List<AttachedInterface> described(List<Link> links, OpenSandbox sandbox) {
        return links.stream().map(link -> described(link, sandbox.path())).toList();
    }

    static void delete(Optional<OpenSandbox> sandbox, List<PodInterface> interfaces) {
        if (sandbox.isEmpty()) {
            return;
        }
        var stack = sandbox.get().stack();
        List<Integer> indexes = new ArrayList<>();
        for (PodInterface podInterface : interfaces) {
            stack.link(podInterface.name())
                    .filter(link -> KINDS.contains(link.kind()))
                    .ifPresent(link -> indexes.add(link.index()));
        }
        stack.deleteLinks(indexes);
    }
}
