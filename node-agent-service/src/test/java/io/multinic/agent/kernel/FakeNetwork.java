package io.multinic.agent.kernel;

import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.IpFamily;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The state of one fake namespace, and the rules for changing it.
///
/// Not modelled: the local table, the kernel's own IPv6 routes, carrier. All networks of a kernel share its lock.
final class FakeNetwork {
    private static final int PROTOCOL_KERNEL = 2;
    private static final int LOCAL_TABLE = 255;
    private static final int DEFAULT_TABLE = 253;

    private final FakeKernel kernel;
    private final long inode;
    private final TreeMap<Integer, FakeLink> links = new TreeMap<>();
    private final List<InterfaceAddress> addresses = new ArrayList<>();
    private final List<Route> routes = new ArrayList<>();
    private final List<Rule> rules = new ArrayList<>();
    private final Set<Neighbour> neighbours = new LinkedHashSet<>();
    private final Map<String, String> sysctls = new HashMap<>();
    private final List<Listener> listeners = new ArrayList<>();
    private int nextIndex = 1;
    /// True after the first IPv4 address, when the kernel creates the local table; before, no on-link gateway is
    /// valid.
    private boolean everAddressed;

    private record Listener(Set<EventGroup> groups, Consumer<KernelEvent> consumer) {}

    /// A refusal by the fake kernel.
    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final Errno errno;
        private final String text;

        Refused(Errno errno, String text) {
            super(errno + " " + text);
            this.errno = errno;
            this.text = text;
        }

        Errno errno() {
            return errno;
        }

        String text() {
            return text;
        }
    }

    FakeNetwork(FakeKernel kernel, long inode) {
        this.kernel = kernel;
        this.inode = inode;
        put(new FakeLink(nextIndex++, "lo", "", "").loopback());
        for (IpFamily family : IpFamily.values()) {
            rules.add(new Rule(family, 0, null, null, LOCAL_TABLE, PROTOCOL_KERNEL));
            rules.add(new Rule(family, 32766, null, null, Route.MAIN_TABLE, PROTOCOL_KERNEL));
        }
        rules.add(new Rule(IpFamily.IPV4, 32767, null, null, DEFAULT_TABLE, PROTOCOL_KERNEL));
    }

    long inode() {
        return inode;
    }

    List<Link> links() {
        synchronized (kernel) {
            return links.values().stream().map(FakeLink::seen).toList();
        }
    }

    List<InterfaceAddress> addresses() {
        synchronized (kernel) {
            return List.copyOf(addresses);
        }
    }

    List<Route> routes() {
        synchronized (kernel) {
            return List.copyOf(routes);
        }
    }

    List<Neighbour> neighbours() {
        synchronized (kernel) {
            return List.copyOf(neighbours);
        }
    }

    List<Rule> rules(IpFamily family) {
        synchronized (kernel) {
            return rules.stream()
                    .filter(rule -> rule.family() == family)
                    .sorted(Comparator.comparingInt(Rule::priority))
                    .toList();
        }
    }

    Optional<Map<Ipv4Setting, Integer>> ipv4Settings(int index) {
        synchronized (kernel) {
            return Optional.ofNullable(links.get(index)).map(link -> Map.copyOf(link.settings));
        }
    }

    String sysctl(String key) {
        synchronized (kernel) {
            String value = sysctls.get(key);
            if (value == null) {
                throw new MultiNicException(ErrorCode.KERNEL_REFUSED, "cannot read " + key + ": never set here");
            }
            return value;
        }
    }

    boolean hasSysctl(String key) {
        synchronized (kernel) {
            return sysctls.containsKey(key);
        }
    }

    Optional<String> findSysctl(String key) {
        synchronized (kernel) {
            return Optional.ofNullable(sysctls.get(key));
        }
    }

    void setSysctl(String key, String value) {
        synchronized (kernel) {
            sysctls.put(key, value);
        }
    }

    Subscription subscribe(Set<EventGroup> groups, Consumer<KernelEvent> consumer) {
        synchronized (kernel) {
            var listener = new Listener(Set.copyOf(groups), consumer);
            listeners.add(listener);
            return () -> {
                synchronized (kernel) {
                    listeners.remove(listener);
                }
            };
        }
    }

    Link addHardware(String name, HardwareAddress address, String parentDevice) {
        requireFree(name);
        var link = new FakeLink(nextIndex++, name, "", "");
        link.address = address;
        link.parentDevice = parentDevice;
        link.up = true;
        put(link);
        return link.seen();
    }

    void deleteAllLinks() {
        List.copyOf(links.values()).forEach(this::delete);
    }

    void apply(Change change) {
        synchronized (kernel) {
            Errno fault = kernel.fault(change);
            if (fault != null) {
                throw new Refused(fault, "ordered by the test");
            }
            switch (change) {
                case Change.AddLink add -> addLink(add.link());
                case Change.DeleteLink delete -> delete(link(delete.index()));
                case Change.SetLinkUp set -> setUp(link(set.index()), set.up());
                case Change.RenameLink rename -> rename(link(rename.index()), rename.name());
                case Change.AddLinkName add -> link(add.index());
                case Change.SetLinkMtu set -> edit(set.index(), link -> link.mtu = set.mtu());
                case Change.SetLinkAddress set -> edit(set.index(), link -> link.address = set.address());
                case Change.SetLinkAlias set -> edit(set.index(), link -> link.alias = set.alias());
                case Change.SetLinkGroup set -> edit(set.index(), link -> link.group = set.group());
                case Change.MoveLink move -> move(link(move.index()), kernel.network(move.target()), move.newName());
                case Change.SetIpv4 set -> edit(set.index(), link -> link.settings.putAll(set.settings()));
                case Change.SetProxyDelay set -> edit(set.index(), link -> link.proxyDelay = set.delay());
                case Change.AddAddress add -> addAddress(add.address(), false);
                case Change.ReplaceAddress replace -> addAddress(replace.address(), true);
                case Change.DeleteAddress delete -> deleteAddress(delete.address());
                case Change.AddRoute add -> addRoute(add.route(), false);
                case Change.ReplaceRoute replace -> addRoute(replace.route(), true);
                case Change.DeleteRoute delete -> deleteRoute(delete.route());
                case Change.AddRule add -> addRule(add.rule());
                case Change.DeleteRule delete -> deleteRule(delete.rule());
                case Change.ReplaceNeighbour replace -> replaceNeighbour(replace.neighbour());
                case Change.DeleteNeighbour delete -> deleteNeighbour(delete.neighbour());
            }
        }
    }

    private FakeLink link(int index) {
        FakeLink link = links.get(index);
        if (link == null) {
            throw new Refused(Errno.ENODEV, "");
        }
        return link;
    }

    private void put(FakeLink link) {
        links.put(link.index, link);
        link.network = this;
        tell(EventGroup.LINKS, new KernelEvent.LinkChanged(link.seen()));
    }

    private void edit(int index, Consumer<FakeLink> edit) {
        FakeLink link = link(index);
        edit.accept(link);
        put(link);
    }

    private void requireFree(String name) {
        if (has(name)) {
            throw new Refused(Errno.EEXIST, "");
        }
    }

    private boolean has(String name) {
        return links.values().stream().anyMatch(link -> link.name.equals(name));
    }

    private FakeNetwork target(LinkEnd end) {
        var namespace = end.namespace();
        return namespace == null ? this : kernel.network(namespace);
    }

    private void addLink(NewLink wanted) {
        if (!kernel.knows(wanted.kind())) {
            throw new Refused(Errno.EOPNOTSUPP, "Unknown device type");
        }
        target(wanted.end()).requireFree(wanted.end().name());
        switch (wanted) {
            case NewLink.Macvlan macvlan ->
                addChild(macvlan, macvlan.parentIndex(), macvlan.mode().text());
            case NewLink.Ipvlan ipvlan -> {
                addChild(ipvlan, ipvlan.parentIndex(), ipvlan.mode().text());
                children(link(ipvlan.parentIndex()))
                        .forEach(child -> child.mode = ipvlan.mode().text());
            }
            case NewLink.Veth veth -> addVeth(veth);
        }
    }

    private void addChild(NewLink wanted, int parentIndex, String mode) {
        FakeLink parent = link(parentIndex).real();
        boolean otherKind = children(parent).stream().anyMatch(child -> !child.kind.equals(wanted.kind()));
        if (otherKind) {
            throw new Refused(Errno.EBUSY, "");
        }
        FakeNetwork target = target(wanted.end());
        var child = new FakeLink(target.nextIndex++, wanted.end().name(), wanted.kind(), mode);
        child.mtu = parent.mtu;
        child.address = wanted.kind().equals("ipvlan") ? parent.address : FakeLink.madeUp(target.inode, child.index);
        child.take(wanted.end());
        child.lower = parent;
        parent.upper.add(child);
        target.put(child);
    }

    private static List<FakeLink> children(FakeLink parent) {
        return parent.upper.stream().filter(child -> !child.kind.equals("veth")).toList();
    }

    private void addVeth(NewLink.Veth veth) {
        FakeNetwork here = target(veth.end());
        FakeNetwork there = target(veth.peer());
        there.requireFree(veth.peer().name());
        if (here == there && veth.end().name().equals(veth.peer().name())) {
            throw new Refused(Errno.EEXIST, "");
        }
        var peer = new FakeLink(there.nextIndex++, veth.peer().name(), "veth", "");
        var end = new FakeLink(here.nextIndex++, veth.end().name(), "veth", "");
        peer.address = FakeLink.madeUp(there.inode, peer.index);
        end.address = FakeLink.madeUp(here.inode, end.index);
        peer.take(veth.peer());
        end.take(veth.end());
        end.lower = peer;
        peer.lower = end;
        end.upper.add(peer);
        peer.upper.add(end);
        there.put(peer);
        here.put(end);
    }

    private void delete(FakeLink link) {
        if (links.remove(link.index) == null) {
            return;
        }
        forget(link.index);
        tell(EventGroup.LINKS, new KernelEvent.LinkRemoved(link.seen()));
        Set.copyOf(link.upper).forEach(upper -> upper.network().delete(upper));
        if (link.lower != null) {
            link.lower.upper.remove(link);
        }
    }

    /// Removes everything that was bound to a deleted link.
    private void forget(int index) {
        for (var address : List.copyOf(addresses)) {
            if (address.linkIndex() == index) {
                addresses.remove(address);
                tell(EventGroup.ADDRESSES, new KernelEvent.AddressRemoved(address));
            }
        }
        disableIp(index);
    }

    /// Removes the routes that disappear when a link goes down or loses its last address.
    private void disableIp(int index) {
        neighbours.removeIf(neighbour -> neighbour.linkIndex() == index);
        for (var route : List.copyOf(routes)) {
            if (route.nextHops().stream().anyMatch(hop -> hop.linkIndex() == index)) {
                routes.remove(route);
                tell(EventGroup.ROUTES, new KernelEvent.RouteRemoved(route));
            }
        }
    }

    private void setUp(FakeLink link, boolean up) {
        if (link.up != up) {
            link.up = up;
            put(link);
            if (!up) {
                disableIp(link.index);
            } else {
                addresses.stream().filter(a -> a.linkIndex() == link.index).forEach(this::addPrefixRoute);
            }
        }
    }

    private void rename(FakeLink link, String name) {
        requireFree(name);
        link.name = name;
        put(link);
    }

    private void move(FakeLink link, FakeNetwork target, String newName) {
        boolean oldNameTaken = target.has(link.name);
        if (oldNameTaken) {
            target.requireFree(newName);
        }
        if (link.flagsLoopback) {
            throw new Refused(Errno.EINVAL, "The interface has NETNS local property");
        }
        links.remove(link.index);
        forget(link.index);
        tell(EventGroup.LINKS, new KernelEvent.LinkRemoved(link.seen()));
        link.index = target.links.containsKey(link.index) ? target.nextIndex : link.index;
        target.nextIndex = Math.max(target.nextIndex, link.index + 1);
        link.name = oldNameTaken ? newName : link.name;
        link.up = false;
        target.put(link);
        if (!link.name.equals(newName)) {
            target.rename(link, newName);
        }
    }

    private void addAddress(InterfaceAddress wanted, boolean replace) {
        FakeLink link = link(wanted.linkIndex());
        boolean present = addresses.stream().anyMatch(wanted::sameAs);
        if (present && !replace) {
            throw new Refused(Errno.EEXIST, "");
        }
        addresses.removeIf(wanted::sameAs);
        var flags = new LinkedHashSet<>(wanted.flags());
        flags.add(InterfaceAddress.Flag.PERMANENT);
        var address = new InterfaceAddress(wanted.linkIndex(), wanted.address(), flags);
        addresses.add(address);
        everAddressed |= address.address().address().family() == IpFamily.IPV4;
        tell(EventGroup.ADDRESSES, new KernelEvent.AddressChanged(address));
        if (link.up && !present) {
            addPrefixRoute(address);
        }
    }

    private static @Nullable Route prefixRoute(InterfaceAddress address) {
        var network = address.address().network();
        boolean alone = network.hostBits() == 0 || network.family() == IpFamily.IPV6;
        if (alone || address.flags().contains(InterfaceAddress.Flag.NO_PREFIX_ROUTE)) {
            return null;
        }
        return Route.to(network, PROTOCOL_KERNEL, NextHop.dev(address.linkIndex()))
                .from(address.address().address());
    }

    private void addPrefixRoute(InterfaceAddress address) {
        Route route = prefixRoute(address);
        if (route != null && !routes.contains(route)) {
            routes.add(route);
            tell(EventGroup.ROUTES, new KernelEvent.RouteChanged(route));
        }
    }

    private void deleteAddress(InterfaceAddress unwanted) {
        link(unwanted.linkIndex());
        var address = addresses.stream()
                .filter(unwanted::sameAs)
                .findFirst()
                .orElseThrow(() -> new Refused(Errno.EADDRNOTAVAIL, ""));
        addresses.remove(address);
        tell(EventGroup.ADDRESSES, new KernelEvent.AddressRemoved(address));
        IpAddress gone = address.address().address();
        for (var route : List.copyOf(routes)) {
            if (gone.equals(route.preferredSource())) {
                routes.remove(route);
                tell(EventGroup.ROUTES, new KernelEvent.RouteRemoved(route));
            }
        }
        if (addresses.stream().noneMatch(other -> other.linkIndex() == unwanted.linkIndex())) {
            disableIp(unwanted.linkIndex());
        }
    }

    private static boolean sameKey(Route one, Route other) {
        return one.table() == other.table()
                && one.destination().equals(other.destination())
                && one.priority() == other.priority();
    }

    private void addRoute(Route route, boolean replace) {
        route.nextHops().forEach(hop -> requireReachable(route, hop));
        var previous = routes.stream().filter(other -> sameKey(other, route)).findFirst();
        if (previous.isPresent() && !replace) {
            throw new Refused(Errno.EEXIST, "");
        }
        previous.ifPresent(routes::remove);
        routes.add(route);
        tell(EventGroup.ROUTES, new KernelEvent.RouteChanged(route));
    }

    /// Looks up a gateway in the route's own table and then in main, as fib_check_nh does for IPv4.
    private void requireReachable(Route route, NextHop hop) {
        IpAddress gateway = hop.gateway();
        boolean ipv4 = route.destination().family() == IpFamily.IPV4;
        if (ipv4 && gateway != null && !hop.onLink() && !neighbourOn(route.table(), gateway, hop.linkIndex())) {
            throw new Refused(Errno.ENETUNREACH, "Nexthop has invalid gateway");
        }
        if (!link(hop.linkIndex()).up) {
            throw new Refused(Errno.ENETDOWN, "Nexthop device is not up");
        }
        if (ipv4 && hop.onLink() && !everAddressed) {
            throw new Refused(Errno.EINVAL, "Nexthop has invalid gateway");
        }
        if (!ipv4 && gateway != null && !hop.onLink() && !neighbourOn(route.table(), gateway, hop.linkIndex())) {
            throw new Refused(Errno.EHOSTUNREACH, "Nexthop has invalid gateway");
        }
    }

    private boolean neighbourOn(int table, IpAddress gateway, int linkIndex) {
        return routes.stream()
                        .filter(route -> route.table() == table || route.table() == Route.MAIN_TABLE)
                        .filter(route -> route.destination().contains(gateway))
                        .flatMap(route -> route.nextHops().stream())
                        .anyMatch(hop -> hop.linkIndex() == linkIndex && hop.gateway() == null)
                || (gateway.family() == IpFamily.IPV6
                        && addresses.stream()
                                .anyMatch(address -> address.linkIndex() == linkIndex
                                        && address.address().network().contains(gateway)));
    }

    private void deleteRoute(Route route) {
        var present = routes.stream()
                .filter(other -> sameKey(other, route)
                        && other.protocol() == route.protocol()
                        && other.nextHops().equals(route.nextHops()))
                .findFirst()
                .orElseThrow(() -> new Refused(Errno.ESRCH, ""));
        routes.remove(present);
        tell(EventGroup.ROUTES, new KernelEvent.RouteRemoved(present));
    }

    private void addRule(Rule rule) {
        boolean present = rules.stream()
                .anyMatch(other -> other.priority() == rule.priority()
                        && other.table() == rule.table()
                        && other.family() == rule.family()
                        && Objects.equals(other.from(), rule.from())
                        && Objects.equals(other.to(), rule.to()));
        if (present) {
            throw new Refused(Errno.EEXIST, "");
        }
        rules.add(rule);
        tell(EventGroup.RULES, new KernelEvent.RuleAdded(rule));
    }

    private void deleteRule(Rule rule) {
        if (!rules.remove(rule)) {
            throw new Refused(Errno.ENOENT, "");
        }
        tell(EventGroup.RULES, new KernelEvent.RuleRemoved(rule));
    }

    private static boolean sameEntry(Neighbour one, Neighbour other) {
        return one.linkIndex() == other.linkIndex()
                && one.address().equals(other.address())
                && one.proxy() == other.proxy();
    }

    private void replaceNeighbour(Neighbour neighbour) {
        link(neighbour.linkIndex());
        neighbours.removeIf(other -> sameEntry(other, neighbour));
        neighbours.add(neighbour);
    }

    private void deleteNeighbour(Neighbour neighbour) {
        link(neighbour.linkIndex());
        if (!neighbours.removeIf(other -> sameEntry(other, neighbour))) {
            throw new Refused(Errno.ENOENT, "");
        }
    }

    private void tell(EventGroup group, KernelEvent event) {
        for (Listener listener : List.copyOf(listeners)) {
            if (listener.groups.contains(group)) {
                listener.consumer.accept(event);
            }
        }
    }
}
