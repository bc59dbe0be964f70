package io.multinic.agent.nic;

import io.multinic.agent.kernel.KernelEvent;
import io.multinic.agent.kernel.Link;
import io.multinic.agent.kernel.NetworkStack;
import io.multinic.agent.kernel.Route;
import io.multinic.agent.kernel.RouteFilter;
import io.multinic.contract.address.IpFamily;
import io.multinic.contract.crd.HostInterfaceSpec.HostNic;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The NICs as the kernel has them at the last look; what a user has declared for the host takes their place.
public final class KernelNics implements NodeNics {
    private static final Logger log = LoggerFactory.getLogger(KernelNics.class);

    private final NetworkStack stack;
    private final SysfsDevices devices;
    private final NicDiscovery discovery;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile Optional<List<HostNic>> declared = Optional.empty();
    private volatile List<HostNic> nics = List.of();

    /// @param stack of the node's own namespace
    public KernelNics(NetworkStack stack, SysfsDevices devices, NicDiscovery discovery) {
        this.stack = stack;
        this.devices = devices;
        this.discovery = discovery;
    }

    @Override
    public List<HostNic> nics() {
        return nics;
    }

    /// Called after the NICs have changed; must not block.
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /// What the user says this host's NICs are; empty to go by the kernel again. Counts from the next look on.
    ///
    /// @return whether that is news
    public boolean declare(Optional<List<HostNic>> users) {
        boolean news = !users.equals(declared);
        declared = users;
        return news;
    }

    /// Looks again.
    public synchronized void refresh() {
        HostSnapshot host = snapshot();
        List<HostNic> found =
                declared.map(users -> discovery.complete(users, host)).orElseGet(() -> discovery.discover(host));
        List<HostNic> before = nics;
        nics = found;
        if (!found.equals(before)) {
            log.atInfo()
                    .addKeyValue("nics", found.stream().map(KernelNics::shortly).toList())
                    .addKeyValue("declaredByUser", declared.isPresent())
                    .log("NICs changed");
            listeners.forEach(Runnable::run);
        }
    }

    /// Whether an event of the kernel may change the NICs. Cheap: called for every event of the node.
    public boolean concerns(KernelEvent event) {
        return switch (event) {
            case KernelEvent.LinkChanged _, KernelEvent.LinkRemoved _ -> true;
            case KernelEvent.AddressChanged _, KernelEvent.AddressRemoved _ -> true;
            case KernelEvent.RouteChanged(Route route) -> isDefault(route);
            case KernelEvent.RouteRemoved(Route route) -> isDefault(route);
            case KernelEvent.RuleAdded _, KernelEvent.RuleRemoved _ -> false;
            case KernelEvent.Overrun() -> true;
        };
    }

    private HostSnapshot snapshot() {
        List<Link> links = stack.links();
        return new HostSnapshot(
                links,
                stack.addresses(),
                Arrays.stream(IpFamily.values())
                        .flatMap(family -> stack.routes(RouteFilter.all(family).table(Route.MAIN_TABLE)).stream())
                        .filter(KernelNics::isDefault)
                        .toList(),
                links.stream().collect(Collectors.toMap(Link::name, devices::facts)));
    }

    private static boolean isDefault(Route route) {
        return route.table() == Route.MAIN_TABLE
                && route.destination().prefixLength() == 0
                && !route.nextHops().isEmpty();
    }

    private static String shortly(HostNic nic) {
        return nic.interfaceName() + nic.addresses() + (Boolean.FALSE.equals(nic.linkUp()) ? " no carrier" : "");
    }
}
