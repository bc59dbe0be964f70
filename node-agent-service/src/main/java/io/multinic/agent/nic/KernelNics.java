package io.multinic.agent.nic;

import io.multinic.agent.kernel.KernelEvent;
import io.multinic.agent.kernel.Link;
import io.multinic.agent.kernel.NetworkStack;
import io.multinic.agent.kernel.Route;
import io.multinic.agent.kernel.RouteFilter;
import io.multinic.contract.address.IpFamily;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The NICs found by the last discovery; NICs that the user has declared for the host replace them.
public final class KernelNics implements NodeNics {
    private static final Logger log = LoggerFactory.getLogger(KernelNics.class);

    private final NetworkStack stack;
    private final SysfsDevices devices;
    private final NicDiscovery discovery;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile Optional<List<NodeNic>> declared = Optional.empty();
    private volatile List<NodeNic> nics = List.of();
    private volatile Map<String, String> obstacles = Map.of();

    /// @param stack of the node's own namespace
    public KernelNics(NetworkStack stack, SysfsDevices devices, NicDiscovery discovery) {
        this.stack = stack;
        this.devices = devices;
        this.discovery = discovery;
    }

    @Override
    public List<NodeNic> nics() {
        return nics;
    }

    @Override
    public Optional<String> obstacle(String nic) {
        String known = obstacles.get(nic);
        if (known == null && nics.stream().noneMatch(usable -> usable.name().equals(nic))) {
            return Optional.of(NicDiscovery.MISSING);
        }
        return Optional.ofNullable(known);
    }

    /// Registers a listener that is called after the NICs have changed; it must not block.
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /// Sets the NICs that the user has declared, from the next [#refresh] on; empty to use discovery again.
    ///
    /// @return whether the declaration changed
    public boolean declare(Optional<List<NodeNic>> users) {
        boolean changed = !users.equals(declared);
        declared = users;
        return changed;
    }

    /// Reads the kernel's state and notifies the listeners if the NICs have changed.
    public synchronized void refresh() {
        HostSnapshot host = snapshot();
        List<NodeNic> found =
                declared.map(users -> discovery.complete(users, host)).orElseGet(() -> discovery.discover(host));
        obstacles = discovery.obstacles(found, host);
        List<NodeNic> before = nics;
        nics = found;
        if (!found.equals(before)) {
            log.atInfo()
                    .addKeyValue("nics", found.stream().map(KernelNics::summary).toList())
                    .addKeyValue("declaredByUser", declared.isPresent())
                    .log("NICs changed");
            listeners.forEach(Runnable::run);
        }
    }

    /// True if a kernel event may change the NICs. Cheap: called for every event of the node.
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

    private static String summary(NodeNic nic) {
        return nic.name() + nic.addresses() + (nic.linkUp() ? "" : " no carrier");
    }
}
