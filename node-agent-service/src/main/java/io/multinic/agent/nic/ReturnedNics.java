package io.multinic.agent.nic;

import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.InterfaceAddress;
import io.multinic.agent.kernel.Link;
import io.multinic.agent.kernel.NetworkStack;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.error.MultiNicException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Restores NICs that were in pods and are on the node again.
///
/// Both a plugin and the kernel return a NIC down and without addresses; the kernel, when the pod's namespace ends,
/// also under the name that the NIC had in the pod, or as `dev<index>` if that name is taken. The state before the
/// move is recorded durably, and kept until the NIC is as it was.
public final class ReturnedNics {
    private static final Logger log = LoggerFactory.getLogger(ReturnedNics.class);

    private final NetworkStack host;
    private final MovedNicStore store;
    /// NICs whose restoration failed and was logged.
    private final Set<String> failing = new HashSet<>();

    /// @param host the namespace of the NICs
    public ReturnedNics(NetworkStack host, MovedNicStore store) {
        this.host = host;
        this.store = store;
    }

    /// The attachment that moves a NIC.
    ///
    /// @param podInterface name of the NIC in the pod
    public record Mover(String containerId, String ifName, String podInterface) {}

    /// Records the state of the NIC that a plugin is about to move. If it has not been restored since an earlier
    /// move, the addresses recorded then remain.
    public synchronized void moving(Predicate<Link> nic, Mover mover) {
        Optional<Link> found = host.links().stream().filter(nic).findFirst();
        if (found.isEmpty()) {
            return;
        }
        Link link = found.get();
        List<String> addresses = reachable(link).stream()
                .map(address -> address.address().toString())
                .toList();
        if (addresses.isEmpty()) {
            addresses = recorded(link.name()).map(MovedNic::addresses).orElse(addresses);
        }
        store.put(new MovedNic(
                link.name(),
                mover.podInterface(),
                mover.containerId(),
                mover.ifName(),
                link.kind(),
                link.parentDevice(),
                MovedNic.text(link.permanentAddress()),
                MovedNic.text(link.address()),
                link.mtu(),
                addresses));
    }

    /// The record of a NIC that was moved and has not been restored.
    public Optional<MovedNic> recorded(String nic) {
        return store.all().stream().filter(moved -> moved.nic().equals(nic)).findFirst();
    }

    /// Restores all NICs that are on the node and belong to no pod.
    ///
    /// @param inUse true for a NIC whose attachment exists; such a NIC is left alone
    public synchronized void restore(Predicate<MovedNic> inUse) {
        List<MovedNic> moved = store.all();
        if (moved.isEmpty()) {
            return;
        }
        List<Link> links = host.links();
        for (MovedNic nic : moved) {
            if (!inUse.test(nic)) {
                find(nic, links).ifPresent(link -> settle(nic, link, links));
            }
        }
    }

    private static Optional<Link> find(MovedNic nic, List<Link> links) {
        List<Link> same = links.stream().filter(nic::is).toList();
        return same.stream()
                .filter(link -> link.name().equals(nic.nic()))
                .findFirst()
                .or(() -> same.stream().filter(link -> !link.up()).findFirst())
                .or(() -> same.stream().findFirst());
    }

    private void settle(MovedNic nic, Link link, List<Link> links) {
        boolean named = link.name().equals(nic.nic());
        boolean configured = !reachable(link).isEmpty() || nic.addresses().isEmpty();
        // A link that is up, with another name or with addresses, was configured by somebody else meanwhile.
        if (link.up() && (configured || !named)) {
            store.remove(nic.nic());
            return;
        }
        if (!named && links.stream().anyMatch(other -> other.name().equals(nic.nic()))) {
            fail(nic, link, "another link has its name", null);
            return;
        }
        try {
            if (!named) {
                host.apply(new Change.RenameLink(link.index(), nic.nic()));
            }
            host.apply(settings(nic, link));
            // Last, since a NIC that is up counts as configured.
            host.apply(new Change.SetLinkUp(link.index(), true));
            store.remove(nic.nic());
            failing.remove(nic.nic());
            log.atInfo()
                    .addKeyValue("nic", nic.nic())
                    .addKeyValue("foundAs", link.name())
                    .addKeyValue("addresses", nic.addresses())
                    .log("NIC restored after it was in a pod");
        } catch (MultiNicException e) {
            fail(nic, link, String.valueOf(e.getMessage()), e);
        }
    }

    private static List<Change> settings(MovedNic nic, Link link) {
        List<Change> changes = new ArrayList<>();
        if (nic.mtu() != link.mtu()) {
            changes.add(new Change.SetLinkMtu(link.index(), nic.mtu()));
        }
        nic.parsedAddresses()
                .forEach(address -> changes.add(new Change.ReplaceAddress(InterfaceAddress.of(link.index(), address))));
        return changes;
    }

    private void fail(MovedNic nic, Link link, String reason, @Nullable Exception cause) {
        if (failing.add(nic.nic())) {
            log.atWarn()
                    .addKeyValue("nic", nic.nic())
                    .addKeyValue("foundAs", link.name())
                    .addKeyValue("reason", reason)
                    .setCause(cause)
                    .log("NIC that was in a pod cannot be restored; retried");
        }
    }

    private List<InterfaceAddress> reachable(Link link) {
        return host.addresses().stream()
                .filter(address -> address.linkIndex() == link.index())
                .filter(address -> !isLinkLocal(address.address().address()))
                .toList();
    }

    private static boolean isLinkLocal(IpAddress address) {
        return NicDiscovery.LINK_LOCAL.stream().anyMatch(network -> network.contains(address));
    }
}
