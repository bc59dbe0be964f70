package io.multinic.ipam.service.plan;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.ipam.metrics.IpamMetrics;
import io.multinic.ipam.plan.HostKey;
import io.multinic.ipam.plan.HostNics;
import io.multinic.ipam.plan.Indexes;
import io.multinic.ipam.plan.InterfaceSlot;
import io.multinic.ipam.plan.OccupiedAddresses;
import io.multinic.ipam.plan.Plan;
import io.multinic.ipam.plan.PlanDiff;
import io.multinic.ipam.plan.Planner;
import io.multinic.ipam.service.plan.BlockRecovery.RecoveredIndexes;
import io.multinic.ipam.store.NetworkRecord;
import io.multinic.ipam.store.ledger.HoldingQueries;
import io.multinic.ipam.store.plan.HostAddressStore;
import io.multinic.ipam.store.plan.NetworkStore;
import io.multinic.ipam.store.plan.NodeStore;
import io.multinic.ipam.store.plan.PlanLock;
import io.multinic.ipam.store.plan.PlanStore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Planning of networks from stored state. A computed plan is stored by [#store], under the plan lock.
public final class NetworkPlanning {
    private final NetworkStore networks;
    private final NodeStore nodes;
    private final HostAddressStore hostAddresses;
    private final PlanStore plans;
    private final IpamMetrics metrics;
    private final BlockRecovery recovery;
    private final HoldingQueries holdings;

    public NetworkPlanning(
            NetworkStore networks,
            NodeStore nodes,
            HostAddressStore hostAddresses,
            PlanStore plans,
            BlockRecovery recovery,
            HoldingQueries holdings,
            IpamMetrics metrics) {
        this.networks = networks;
        this.nodes = nodes;
        this.hostAddresses = hostAddresses;
        this.plans = plans;
        this.metrics = metrics;
        this.recovery = recovery;
        this.holdings = holdings;
    }

    /// Plan of these nodes, its difference from the stored plan, and the stated blocks that it recovers.
    public record Planned(Set<String> nodeUids, Plan plan, PlanDiff diff, RecoveredIndexes recovered) {
        /// Blocks that NICs lose, except those that another node has stated as its own.
        List<Cidr> vacatedBlocks() {
            Set<Cidr> stated = recovered.stated().stream()
                    .map(one -> one.block().podBlock())
                    .collect(Collectors.toSet());
            return diff.vacated().stream()
                    .filter(block -> !stated.contains(block))
                    .toList();
        }
    }

    /// Plans the network with this definition for all nodes.
    ///
    /// @param stored the stored network; empty if it does not exist yet
    public Planned planAll(NetworkDefinition definition, Optional<NetworkRecord> stored) {
        List<HostNics> inventory = nodes.inventory();
        RecoveredIndexes recovered = recovery.resolve(
                stored.map(network -> plans.indexes(network.id())).orElse(Indexes.NONE),
                recovery.stated(definition.name()));
        Indexes previous = recovered.indexes().with(recovery.allocationLimits());
        // Superseded nodes keep their blocks: they are planned as nodes without NICs.
        var planned = new ArrayList<>(inventory);
        Set<String> uids = inventory.stream().map(HostNics::nodeUid).collect(Collectors.toSet());
        Stream.concat(
                        previous.hosts().keySet().stream().map(HostKey::nodeUid),
                        recovered.resolution().displacedNodes().stream())
                .filter(uids::add)
                .sorted()
                .forEach(uid -> planned.add(new HostNics(uid, List.of())));
        Plan plan = plan(definition, previous, planned);
        var slots = stored.map(network -> plans.slots(network.id(), uids)).orElse(List.of());
        return new Planned(uids, plan, PlanDiff.between(slots, plan.hosts()), recovered);
    }

    /// Plans these nodes in the network. All others stay as they are, except those that lose a block to a claim of
    /// these.
    public Planned planNodes(NetworkRecord network, List<HostNics> hosts) {
        var uids = hosts.stream().map(HostNics::nodeUid).collect(Collectors.toCollection(HashSet::new));
        RecoveredIndexes recovered = recovered(network, uids);
        var displacedNodes = recovered.resolution().displacedNodes().stream()
                .filter(uids::add)
                .toList();
        var planned = new ArrayList<>(hosts);
        if (!displacedNodes.isEmpty()) {
            planned.addAll(nodes.inventory(displacedNodes));
        }
        NetworkDefinition definition = Objects.requireNonNull(network.definition());
        Indexes previous = recovered.indexes().with(recovery.allocationLimits());
        Plan plan = plan(definition, previous, planned);
        return new Planned(uids, plan, PlanDiff.between(plans.slots(network.id(), uids), plan.hosts()), recovered);
    }

    private RecoveredIndexes recovered(NetworkRecord network, Set<String> uids) {
        var stated = recovery.statedBy(network.name(), uids);
        return stated.isEmpty()
                ? RecoveredIndexes.nothing(plans.indexes(network.id(), uids))
                : recovery.resolve(plans.indexes(network.id()), stated);
    }

    private Plan plan(NetworkDefinition definition, Indexes previous, List<HostNics> hosts) {
        OccupiedAddresses occupied = occupied(definition, previous, hosts);
        return metrics.planned(() -> Planner.plan(
                definition, occupied, previous, hosts, blocks -> holdings.heldIn(definition.name(), blocks)));
    }

    private OccupiedAddresses occupied(NetworkDefinition definition, Indexes previous, List<HostNics> hosts) {
        if (!definition.dividesNicNetworks()) {
            return OccupiedAddresses.NOTHING;
        }
        return new OccupiedAddresses(
                hostAddresses.within(Planner.nicNetworks(definition, previous, hosts)),
                networks.otherSubnets(definition.name()));
    }

    public void store(PlanLock lock, NetworkRecord network, Planned planned) {
        plans.apply(lock, network.id(), planned.nodeUids(), planned.plan(), planned.diff());
        if (dividesNicNetworks(network)) {
            networks.replaceSubnets(
                    lock,
                    network,
                    planned.plan().interfaces().stream()
                            .map(InterfaceSlot::masterNet)
                            .toList());
        }
        recovery.settle(lock, network, planned.recovered(), planned.plan());
    }

    /// Deletes the plan of the network.
    void clear(PlanLock lock, NetworkRecord network) {
        plans.clear(lock, network.id());
    }

    /// Deletes the recorded changes: agents that know an older revision get their whole plan.
    void discardChanges(PlanLock lock) {
        plans.discardChanges(lock);
    }

    /// Plans the node in each network, and also the owners of blocks in which an address became a host's own or
    /// ceased to be one.
    public void replan(PlanLock lock, HostNics node, Collection<IpAddress> changedAddresses) {
        for (NetworkRecord network : networks.findAll()) {
            var uids = new HashSet<>(ownersOf(network, changedAddresses));
            uids.remove(node.nodeUid());
            var hosts = new ArrayList<>(List.of(node));
            if (!uids.isEmpty()) {
                hosts.addAll(nodes.inventory(uids));
            }
            store(lock, network, planNodes(network, hosts));
        }
    }

    /// Plans the owners of blocks in which an address ceased to be a host's own.
    public void replanOwnersOf(PlanLock lock, Collection<IpAddress> addresses) {
        for (NetworkRecord network : networks.findAll()) {
            Set<String> uids = ownersOf(network, addresses);
            if (!uids.isEmpty()) {
                store(lock, network, planNodes(network, nodes.inventory(uids)));
            }
        }
    }

    private Set<String> ownersOf(NetworkRecord network, Collection<IpAddress> addresses) {
        return dividesNicNetworks(network) && !addresses.isEmpty()
                ? hostAddresses.ownersOf(network.id(), addresses)
                : Set.of();
    }

    /// Plans the nodes that wait for an index or a NIC network that may be free now.
    public void replanWaiting(PlanLock lock, Predicate<NetworkRecord> in) {
        for (NetworkRecord network : networks.findAll()) {
            Set<String> waiting = in.test(network) ? plans.nodesWithUnplaced(network.id()) : Set.of();
            if (!waiting.isEmpty()) {
                store(lock, network, planNodes(network, nodes.inventory(waiting)));
            }
        }
    }

    /// Assigns the indexes that were suspended during quarantine, including interface indexes of networks without
    /// hosts.
    public void replanAfterQuarantine(PlanLock lock) {
        for (NetworkRecord network : networks.findAll()) {
            store(lock, network, planNodes(network, nodes.inventory(plans.nodesWithUnplaced(network.id()))));
        }
    }

    public static boolean dividesNicNetworks(NetworkRecord network) {
        return Objects.requireNonNull(network.definition()).dividesNicNetworks();
    }
}
