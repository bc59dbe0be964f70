package io.multinic.agent.attach.driver;

import io.multinic.agent.attach.plan.AttachmentResult.AttachedInterface;
import io.multinic.agent.attach.plan.PodInterface;
import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.HardwareAddress;
import io.multinic.agent.kernel.InterfaceAddress;
import io.multinic.agent.kernel.Link;
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
import java.util.function.BiFunction;

/// The links of a pod that the built-in drivers create by netlink: one batch for all of them.
///
/// They are deleted in one batch as well, since the kernel waits about 20 ms for each deletion, or once for all of them
/// together.
final class PodLinks {
    /// Kinds that the built-in drivers create; a link of another kind under the same name is not theirs.
    private static final Set<String> KINDS = Set.of("macvlan", "ipvlan", "veth");

    private PodLinks() {}

    /// Creates the links in the pod's namespace and enables IPv6 on those that get an IPv6 address.
    ///
    /// @param newLink describes the link of an interface on its NIC
    /// @return the links, in the order of the interfaces
    static List<Link> create(
            NetworkStack host,
            OpenSandbox sandbox,
            List<PodInterface> interfaces,
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
        enableIpv6(sandbox, interfaces);
        return links;
    }

    /// A runtime may have disabled IPv6 for new interfaces of the sandbox.
    private static void enableIpv6(OpenSandbox sandbox, List<PodInterface> interfaces) {
        for (PodInterface podInterface : interfaces) {
            String disabled = "net/ipv6/conf/" + podInterface.name() + "/disable_ipv6";
            if (podInterface.has(IpFamily.IPV6)
                    && !sandbox.namespace().sysctl(disabled).equals("0")) {
                sandbox.namespace().setSysctl(disabled, "0");
            }
        }
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

    static List<String> defects(OpenSandbox sandbox, List<PodInterface> interfaces) {
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
        return defects;
    }
}
