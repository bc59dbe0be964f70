package io.multinic.ipam.model;

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
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The reference model of an ipam-service, as simple as possible: every search goes over all data.
final class ReferenceIpam implements IpamOperations {
    private final Map<String, ReferencePlan> networks = new TreeMap<>();
    private final Map<String, Host> hosts = new HashMap<>();
    private final ReferenceReservations reservations = new ReferenceReservations();
    private final ReferenceLedger ledger;

    ReferenceIpam(InstantSource clock) {
        ledger = new ReferenceLedger(clock);
    }

    /// The state of a node UID.
    record Host(String name, boolean current, boolean retired, List<Nic> nics) {}

    @Override
    public void putNetwork(NetworkDefinition definition) {
        ReferencePlan stored = networks.get(definition.name());
        if (stored != null && stored.definition().equals(definition)) {
            return;
        }
        ReferencePlan empty = new ReferencePlan(definition);
        for (ReferencePlan other : networks.values()) {
            if (!other.definition().name().equals(definition.name()) && other.sharesAnAddressWith(empty)) {
                throw new MultiNicException(ErrorCode.INVALID_NETWORK, "overlap");
            }
        }
        // Nodes that are current or own an index; without NICs where another UID has the name.
        Map<String, List<Nic>> all = currentByName();
        if (stored != null) {
            new TreeSet<>(stored.owners()).forEach(uid -> all.putIfAbsent(uid, List.of()));
        }
        var held = ledger.heldAddresses(definition.name());
        ReferencePlan edited = stored == null ? empty.with(all, held) : stored.edited(definition, all, held);
        if (stored != null
                && held.stream()
                        .anyMatch(address -> stored.owner(address)
                                .filter(owner -> !edited.owner(address).equals(stored.owner(address)))
                                .isPresent())) {
            throw new MultiNicException(ErrorCode.NETWORK_EDIT_REFUSED, "a held address would move");
        }
        if (!reservations.of(definition.name()).keySet().stream().allMatch(edited::has)) {
            throw new MultiNicException(
                    ErrorCode.NETWORK_EDIT_REFUSED, "a reserved address would be outside the network");
        }
        networks.put(definition.name(), edited);
    }

    private Map<String, List<Nic>> currentByName() {
        var names = new TreeMap<String, String>();
        hosts.forEach((uid, host) -> {
            if (host.current()) {
                names.put(host.name(), uid);
            }
        });
        Map<String, List<Nic>> current = new LinkedHashMap<>();
        names.values().forEach(uid -> current.put(uid, hosts.get(uid).nics()));
        return current;
    }

    @Override
    public void deleteNetwork(String name) {
        if (networks.containsKey(name) && !ledger.heldAddresses(name).isEmpty()) {
            throw new MultiNicException(ErrorCode.IN_USE, name);
        }
        networks.remove(name);
        reservations.removeAll(name);
    }

    @Override
    public ReservationResult reserve(String network, ReservationRequest request) {
        ReferencePlan plan = require(network);
        boolean isNew = reservations.add(network, request, plan);
        return new ReservationResult(
                reservations.reservation(network, request.range().first(), ledger.heldAddresses(network)), isNew);
    }

    @Override
    public void unreserve(String network, IpAddress first) {
        require(network);
        reservations.remove(network, first);
    }

    private ReferencePlan require(String network) {
        ReferencePlan plan = networks.get(network);
        if (plan == null) {
            throw new MultiNicException(ErrorCode.NETWORK_UNKNOWN, network);
        }
        return plan;
    }

    private @Nullable String current(String name) {
        for (var entry : hosts.entrySet()) {
            if (entry.getValue().current() && entry.getValue().name().equals(name)) {
                return entry.getKey();
            }
        }
        return null;
    }

    @Override
    public void putNode(String name, NodeInventory inventory) {
        String uid = inventory.nodeUid();
        String before = current(name);
        if (uid.equals(before) && hosts.get(uid).nics().equals(inventory.nics())) {
            return;
        }
        if (before != null) {
            Host other = hosts.get(before);
            hosts.put(before, new Host(other.name(), false, other.retired(), other.nics()));
        }
        hosts.put(uid, new Host(name, true, false, inventory.nics()));
        networks.replaceAll((network, plan) -> plan.with(Map.of(uid, inventory.nics()), ledger.heldAddresses(network)));
    }

    @Override
    public void retire(String name, @Nullable String uid, boolean gone) {
        String who = uid == null ? current(name) : uid;
        Host host = who == null ? null : hosts.get(who);
        if (who == null || host == null || host.retired() || !host.name().equals(name)) {
            return;
        }
        // A machine that is gone must have been silent; one that leaves must hold no address.
        if (gone ? ledger.reportedWithin(SILENT_AFTER, who) : ledger.holdsAny(who)) {
            throw new MultiNicException(ErrorCode.IN_USE, name);
        }
        ledger.endAll(who);
        hosts.put(who, new Host(name, false, true, List.of()));
        networks.replaceAll((network, plan) -> {
            ReferencePlan without = plan.without(who);
            Map<String, List<Nic>> waiting = currentByName();
            waiting.keySet().retainAll(without.uidsWithSomethingMissing());
            return without.with(waiting, ledger.heldAddresses(network));
        });
    }

    private void requireHost(String name, String uid) {
        Host host = hosts.get(uid);
        if (host == null || !host.name().equals(name)) {
            throw new MultiNicException(ErrorCode.NODE_UNKNOWN, name);
        }
        if (host.retired()) {
            throw new MultiNicException(ErrorCode.NODE_RETIRED, name);
        }
    }

    @Override
    public SessionGrant openSession(String node, SessionRequest request) {
        requireHost(node, request.nodeUid());
        return ledger.openSession(request);
    }

    @Override
    public LedgerReceipt append(String node, LedgerBatch batch) {
        long sequence = batch.events().isEmpty() ? 1 : batch.events().getFirst().sequence();
        for (var event : batch.events()) {
            if (event.sequence() != sequence++) {
                throw new MultiNicException(ErrorCode.INVALID_REQUEST, "sequence");
            }
        }
        requireHost(node, batch.nodeUid());
        return ledger.append(batch);
    }

    @Override
    public Instant release(String network, IpAddress address) {
        return ledger.release(new ObservedState.Key(network, address));
    }

    @Override
    public ObservedState observe() {
        var plan = new HashMap<ObservedState.SlotKey, ObservedState.Slot>();
        var interfaces = new HashMap<ObservedState.Interface, Integer>();
        var missing = new HashSet<ObservedState.UnplacedNic>();
        var delivered = new HashSet<ObservedState.DeliveredBlock>();
        var reserved = new HashSet<ObservedState.Reservation>();
        for (ReferencePlan network : networks.values()) {
            String name = network.definition().name();
            network.slots().forEach((key, slot) -> {
                boolean current = hosts.get(key.uid()).current();
                plan.put(
                        key,
                        current
                                ? slot
                                : new ObservedState.Slot(
                                        slot.interfaceIndex(), slot.hostIndex(), false, slot.blocks()));
                if (current && slot.present()) {
                    slot.blocks()
                            .forEach(block -> delivered.add(new ObservedState.DeliveredBlock(
                                    key, block, reservations.within(name, block.cidr()))));
                }
            });
            reserved.addAll(reservations.reservation(name, ledger.heldAddresses(name)));
            interfaces.putAll(network.interfaces());
            network.missing().stream()
                    .filter(each -> hosts.get(each.uid()).current())
                    .forEach(missing::add);
        }
        return new ObservedState(plan, interfaces, missing, delivered, reserved, ledger.histories());
    }
}
