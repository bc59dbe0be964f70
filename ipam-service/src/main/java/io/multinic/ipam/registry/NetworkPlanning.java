package io.multinic.ipam.registry;

import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.ipam.metrics.IpamMetrics;
import io.multinic.ipam.plan.HostNics;
import io.multinic.ipam.plan.Indexes;
import io.multinic.ipam.plan.InterfaceSlot;
import io.multinic.ipam.plan.Occupied;
import io.multinic.ipam.plan.Plan;
import io.multinic.ipam.plan.PlanDiff;
import io.multinic.ipam.plan.Planner;
import io.multinic.ipam.store.HostAddressStore;
import io.multinic.ipam.store.NetworkRecord;
import io.multinic.ipam.store.NetworkStore;
import io.multinic.ipam.store.NodeStore;
import io.multinic.ipam.store.PlanStore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// Plans networks from what is stored. What is computed is not stored until [#store] says so, under the plan lock.
public final class NetworkPlanning {
    private final NetworkStore networks;
    private final NodeStore nodes;
    private final HostAddressStore hostAddresses;
    private final PlanStore plans;
    private final IpamMetrics metrics;

    public NetworkPlanning(
            NetworkStore networks,
            NodeStore nodes,
            HostAddressStore hostAddresses,
            PlanStore plans,
            IpamMetrics metrics) {
        this.networks = networks;
        this.nodes = nodes;
        this.hostAddresses = hostAddresses;
        this.plans = plans;
        this.metrics = metrics;
    }

    /// A plan of these nodes, and what it changes.
    record Planned(Set<String> nodeUids, Plan plan, PlanDiff diff) {}

    /// The network as `definition` has it, with all nodes.
    ///
    /// @param stored the network as it is; empty if it does not exist yet
    Planned all(NetworkDefinition definition, Optional<NetworkRecord> stored) {
        List<HostNics> inventory = nodes.inventory();
        Indexes previous = stored.map(network -> plans.indexes(network.id())).orElse(Indexes.NONE);
        // Superseded nodes keep their blocks: they are planned as nodes without NICs.
        var planned = new ArrayList<>(inventory);
        Set<String> uids = inventory.stream().map(HostNics::nodeUid).collect(Collectors.toSet());
        previous.hosts().keySet().stream()
                .map(key -> key.nodeUid())
                .filter(uids::add)
                .sorted()
                .forEach(uid -> planned.add(new HostNics(uid, List.of())));
        Occupied occupied = occupied(definition, previous, planned);
        Plan plan = metrics.planned(() -> Planner.plan(definition, occupied, previous, planned));
        var slots = stored.map(network -> plans.slots(network.id(), uids)).orElse(List.of());
        return new Planned(uids, plan, PlanDiff.between(slots, plan.hosts()));
    }

    /// The network as it is, with these nodes; all others stay as they are.
    Planned some(NetworkRecord network, List<HostNics> hosts) {
        Set<String> uids = hosts.stream().map(HostNics::nodeUid).collect(Collectors.toSet());
        NetworkDefinition definition = Objects.requireNonNull(network.definition());
        Indexes previous = plans.indexes(network.id(), uids);
        Occupied occupied = occupied(definition, previous, hosts);
        Plan plan = metrics.planned(() -> Planner.plan(definition, occupied, previous, hosts));
        return new Planned(uids, plan, PlanDiff.between(plans.slots(network.id(), uids), plan.hosts()));
    }

    private Occupied occupied(NetworkDefinition definition, Indexes previous, List<HostNics> hosts) {
        if (!definition.dividesNicNetworks()) {
            return Occupied.NOTHING;
        }
        return new Occupied(
                hostAddresses.within(Planner.nicNetworks(definition, previous, hosts)),
                networks.otherSubnets(definition.name()));
    }

    void store(NetworkRecord network, Planned planned, long revision) {
        plans.apply(network.id(), planned.nodeUids(), planned.plan(), planned.diff(), revision);
        if (dividesNicNetworks(network)) {
            networks.replaceSubnets(
                    network,
                    planned.plan().interfaces().stream()
                            .map(InterfaceSlot::masterNet)
                            .toList());
        }
    }

    /// Plans the node in each network, and with it those in whose blocks an address has become a host's own, or no
    /// longer is one.
    void replan(HostNics node, Collection<IpAddress> changedAddresses, long revision) {
        for (NetworkRecord network : networks.findAll()) {
            var uids = new HashSet<>(ownersOf(network, changedAddresses));
            uids.remove(node.nodeUid());
            var hosts = new ArrayList<>(List.of(node));
            if (!uids.isEmpty()) {
                hosts.addAll(nodes.inventory(uids));
            }
            store(network, some(network, hosts), revision);
        }
    }

    /// Plans those in whose blocks an address no longer is a host's own.
    void replanOwnersOf(Collection<IpAddress> addresses, long revision) {
        for (NetworkRecord network : networks.findAll()) {
            Set<String> uids = ownersOf(network, addresses);
            if (!uids.isEmpty()) {
                store(network, some(network, nodes.inventory(uids)), revision);
            }
        }
    }

    private Set<String> ownersOf(NetworkRecord network, Collection<IpAddress> addresses) {
        return dividesNicNetworks(network) && !addresses.isEmpty()
                ? hostAddresses.ownersOf(network.id(), addresses)
                : Set.of();
    }

    /// Plans the nodes that wait for what may be free now: an index, or a NICs' network.
    void replanWaiting(Predicate<NetworkRecord> in, long revision) {
        for (NetworkRecord network : networks.findAll()) {
            Set<String> waiting = in.test(network) ? plans.nodesWithUnplaced(network.id()) : Set.of();
            if (!waiting.isEmpty()) {
                store(network, some(network, nodes.inventory(waiting)), revision);
            }
        }
    }

    static boolean dividesNicNetworks(NetworkRecord network) {
        return Objects.requireNonNull(network.definition()).dividesNicNetworks();
    }
}
