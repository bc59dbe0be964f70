package io.multinic.ipam.model;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.LedgerBatch;
import io.multinic.contract.wire.LedgerReceipt;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.Nic;
import io.multinic.contract.wire.NodeInventory;
import io.multinic.contract.wire.ReservationRequest;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import io.multinic.ipam.ledger.AddressKey;
import io.multinic.ipam.plan.HostKey;
import io.multinic.ipam.plan.HostNics;
import io.multinic.ipam.plan.HostSlot;
import io.multinic.ipam.plan.IndexRanges;
import io.multinic.ipam.plan.Indexes;
import io.multinic.ipam.plan.InterfaceSlot;
import io.multinic.ipam.plan.OccupiedAddresses;
import io.multinic.ipam.plan.Plan;
import io.multinic.ipam.plan.PlanDiff;
import io.multinic.ipam.plan.Planner;
import io.multinic.ipam.plan.Unplaced;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// An ipam-service of the pure classes (planner, diff, fold) over maps instead of tables.
final class InMemoryIpam implements IpamOperations {
    private final Map<String, Network> networks = new TreeMap<>();
    private final Map<String, Node> nodes = new LinkedHashMap<>();
    private final InMemoryLedger ledger;

    InMemoryIpam(InstantSource clock) {
        ledger = new InMemoryLedger(clock);
    }

    private static final class Network {
        private final NetworkDefinition definition;
        private final Map<Cidr, InterfaceSlot> interfaces = new HashMap<>();
        private final Map<HostKey, HostSlot> slots = new HashMap<>();
        private final Set<Unplaced> unplaced = new HashSet<>();
        private InMemoryReservations reservations = new InMemoryReservations();

        private Network(NetworkDefinition definition) {
            this.definition = definition;
        }
    }

    private static final class Node {
        private String name;
        private boolean current;
        private boolean retired;
        private List<Nic> nics = List.of();

        private Node(String name) {
            this.name = name;
        }
    }

    @Override
    public void putNetwork(NetworkDefinition definition) {
        Network stored = networks.get(definition.name());
        if (stored != null && stored.definition.equals(definition)) {
            return;
        }
        for (Network other : networks.values()) {
            if (!other.definition.name().equals(definition.name())
                    && other.definition.subnets().stream()
                            .anyMatch(theirs -> definition.subnets().stream().anyMatch(theirs::overlaps))) {
                throw new MultiNicException(ErrorCode.INVALID_NETWORK, "overlap");
            }
        }
        List<HostNics> planned = new ArrayList<>(inventory());
        Set<String> uids = planned.stream().map(HostNics::nodeUid).collect(Collectors.toSet());
        if (stored != null) {
            stored.slots.keySet().stream()
                    .map(HostKey::nodeUid)
                    .filter(uids::add)
                    .sorted()
                    .forEach(uid -> planned.add(new HostNics(uid, List.of())));
        }
        Plan plan = plan(definition, stored == null ? Indexes.NONE : indexes(stored), planned);
        if (stored != null) {
            var diff = PlanDiff.between(List.copyOf(stored.slots.values()), plan.hosts());
            if (!ledger.heldIn(definition.name(), diff.vacated()).isEmpty()) {
                throw new MultiNicException(ErrorCode.NETWORK_EDIT_REFUSED, "in use");
            }
            if (!stored.reservations.areWithin(definition.subnets())) {
                throw new MultiNicException(ErrorCode.NETWORK_EDIT_REFUSED, "reserved");
            }
        }
        var edited = new Network(definition);
        if (stored != null) {
            edited.slots.putAll(stored.slots);
            edited.unplaced.addAll(stored.unplaced);
            edited.reservations = stored.reservations;
        }
        apply(edited, uids, plan);
        networks.put(definition.name(), edited);
    }

    /// Applies the diff as the store does: rows that it does not name stay.
    private static void apply(Network network, Set<String> uids, Plan plan) {
        var stored = network.slots.values().stream()
                .filter(slot -> uids.contains(slot.key().nodeUid()))
                .toList();
        var diff = PlanDiff.between(stored, plan.hosts());
        diff.removed().forEach(slot -> network.slots.remove(slot.key()));
        diff.added().forEach(slot -> network.slots.put(slot.key(), slot));
        network.interfaces.clear();
        plan.interfaces().forEach(slot -> network.interfaces.put(slot.masterNet(), slot));
        network.slots.keySet().removeIf(key -> !network.interfaces.containsKey(key.masterNet()));
        network.unplaced.removeIf(each -> uids.contains(each.nodeUid()));
        network.unplaced.addAll(plan.unplaced());
    }

    private List<HostNics> inventory() {
        var current = new TreeMap<String, HostNics>();
        nodes.forEach((uid, node) -> {
            if (node.current) {
                current.put(node.name, new HostNics(uid, node.nics));
            }
        });
        return List.copyOf(current.values());
    }

    private static Map<Cidr, Integer> interfaceIndexes(Network network) {
        return network.interfaces.values().stream()
                .collect(Collectors.toMap(InterfaceSlot::masterNet, InterfaceSlot::index));
    }

    private static Indexes indexes(Network network) {
        var hosts = new HashMap<HostKey, Integer>();
        network.slots.values().forEach(slot -> hosts.put(slot.key(), slot.hostIndex()));
        return new Indexes(interfaceIndexes(network), hosts);
    }

    /// The indexes as the store reads them: of all other nodes only the ranges in use.
    private static Indexes indexes(Network network, Set<String> uids) {
        var own = new HashMap<HostKey, Integer>();
        var taken = new HashMap<Cidr, List<IndexRanges.Range>>();
        network.slots.forEach((key, slot) -> {
            if (uids.contains(key.nodeUid())) {
                own.put(key, slot.hostIndex());
            } else {
                taken.computeIfAbsent(key.masterNet(), net -> new ArrayList<>())
                        .add(new IndexRanges.Range(slot.hostIndex(), slot.hostIndex()));
            }
        });
        var others = new HashMap<Cidr, IndexRanges>();
        taken.forEach((net, ranges) -> others.put(net, new IndexRanges(ranges)));
        return new Indexes(interfaceIndexes(network), own, others);
    }

    private Plan plan(NetworkDefinition definition, Indexes previous, List<HostNics> hosts) {
        return Planner.plan(
                definition,
                OccupiedAddresses.NOTHING,
                previous,
                hosts,
                blocks -> ledger.heldIn(definition.name(), blocks));
    }

    private void plan(Network network, List<HostNics> hosts) {
        Set<String> uids = hosts.stream().map(HostNics::nodeUid).collect(Collectors.toSet());
        apply(network, uids, plan(network.definition, indexes(network, uids), hosts));
    }

    @Override
    public void deleteNetwork(String name) {
        if (networks.containsKey(name) && ledger.holdsAny(name)) {
            throw new MultiNicException(ErrorCode.IN_USE, name);
        }
        networks.remove(name);
    }

    private Network require(String name) {
        Network network = networks.get(name);
        if (network == null) {
            throw new MultiNicException(ErrorCode.NETWORK_UNKNOWN, name);
        }
        return network;
    }

    @Override
    public ReservationResult reserve(String name, ReservationRequest request) {
        Network network = require(name);
        boolean isNew = network.reservations.add(request, network.definition.subnets());
        return new ReservationResult(network.reservations.reservation(name, request, ledger.held(name)), isNew);
    }

    @Override
    public void unreserve(String name, IpAddress first) {
        require(name).reservations.remove(first);
    }

    private @Nullable String currentUid(String name) {
        return nodes.entrySet().stream()
                .filter(entry ->
                        entry.getValue().current && entry.getValue().name.equals(name))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(null);
    }

    @Override
    public void putNode(String name, NodeInventory inventory) {
        String holder = currentUid(name);
        String uid = inventory.nodeUid();
        if (uid.equals(holder) && nodes.get(uid).nics.equals(inventory.nics())) {
            return;
        }
        if (holder != null && !holder.equals(uid)) {
            nodes.get(holder).current = false;
        }
        Node node = nodes.computeIfAbsent(uid, unknown -> new Node(name));
        node.name = name;
        node.current = true;
        node.retired = false;
        node.nics = inventory.nics();
        networks.values().forEach(network -> plan(network, List.of(new HostNics(uid, inventory.nics()))));
    }

    @Override
    public void retire(String name, @Nullable String uid, boolean gone) {
        String target = uid == null ? currentUid(name) : uid;
        Node node = target == null ? null : nodes.get(target);
        if (target == null || node == null || node.retired || !node.name.equals(name)) {
            return;
        }
        if (gone ? !ledger.isSilent(target, SILENT_AFTER) : ledger.nodeHoldsAny(target)) {
            throw new MultiNicException(ErrorCode.IN_USE, name);
        }
        ledger.endAll(target);
        node.retired = true;
        node.current = false;
        node.nics = List.of();
        for (Network network : networks.values()) {
            network.slots.keySet().removeIf(key -> key.nodeUid().equals(target));
            network.unplaced.removeIf(each -> each.nodeUid().equals(target));
            var waiting = network.unplaced.stream().map(Unplaced::nodeUid).collect(Collectors.toSet());
            var hosts = inventory().stream()
                    .filter(host -> waiting.contains(host.nodeUid()))
                    .toList();
            if (!waiting.isEmpty()) {
                plan(network, hosts);
            }
        }
    }

    private void requireNode(String name, String uid) {
        Node node = nodes.get(uid);
        if (node == null || !node.name.equals(name)) {
            throw new MultiNicException(ErrorCode.NODE_UNKNOWN, name);
        }
        if (node.retired) {
            throw new MultiNicException(ErrorCode.NODE_RETIRED, name);
        }
    }

    @Override
    public SessionGrant openSession(String node, SessionRequest request) {
        requireNode(node, request.nodeUid());
        return ledger.openSession(request);
    }

    @Override
    public LedgerReceipt append(String node, LedgerBatch batch) {
        return ledger.append(batch, () -> requireNode(node, batch.nodeUid()));
    }

    @Override
    public Instant release(String network, IpAddress address) {
        return ledger.release(new AddressKey(network, address));
    }

    @Override
    public ObservedState observe() {
        var plan = new HashMap<ObservedState.SlotKey, ObservedState.Slot>();
        var interfaces = new HashMap<ObservedState.Interface, Integer>();
        var unplaced = new HashSet<ObservedState.UnplacedNic>();
        var delivered = new HashSet<ObservedState.DeliveredBlock>();
        var reserved = new HashSet<ObservedState.Reservation>();
        networks.forEach((name, network) -> {
            network.interfaces.forEach(
                    (net, slot) -> interfaces.put(new ObservedState.Interface(name, net), slot.index()));
            network.slots.forEach((key, slot) -> {
                var place = new ObservedState.SlotKey(name, key.nodeUid(), key.nic(), key.masterNet());
                boolean present = slot.present() && nodes.get(key.nodeUid()).current;
                var blocks = slot.blocks().stream()
                        .map(block -> ObservedState.Block.of(block.podBlock(), block.excluded()))
                        .toList();
                plan.put(place, new ObservedState.Slot(slot.interfaceIndex(), slot.hostIndex(), present, blocks));
                if (present) {
                    blocks.forEach(block -> delivered.add(
                            new ObservedState.DeliveredBlock(place, block, network.reservations.within(block.cidr()))));
                }
            });
            reserved.addAll(network.reservations.reservation(name, ledger.held(name)));
            network.unplaced.stream()
                    .filter(each -> nodes.get(each.nodeUid()).current)
                    .forEach(each -> unplaced.add(new ObservedState.UnplacedNic(
                            name, each.nodeUid(), each.nic(), each.reason().contains("no route"))));
        });
        return new ObservedState(plan, interfaces, unplaced, delivered, reserved, ledger.histories());
    }
}
