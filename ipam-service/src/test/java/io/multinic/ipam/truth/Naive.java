package io.multinic.ipam.truth;

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

/// What an ipam-service should do, said as simply as can be: every search goes over everything.
final class Naive implements Ipam {
    private final Map<String, NaivePlan> networks = new TreeMap<>();
    private final Map<String, Host> hosts = new HashMap<>();
    private final NaiveReservations reservations = new NaiveReservations();
    private final NaiveLedger ledger;

    Naive(InstantSource clock) {
        ledger = new NaiveLedger(clock);
    }

    /// A node by its UID.
    record Host(String name, boolean current, boolean retired, List<Nic> nics) {}

    @Override
    public void putNetwork(NetworkDefinition definition) {
        NaivePlan stored = networks.get(definition.name());
        if (stored != null && stored.definition().equals(definition)) {
            return;
        }
        NaivePlan empty = new NaivePlan(definition);
        for (NaivePlan other : networks.values()) {
            if (!other.definition().name().equals(definition.name()) && other.sharesAnAddressWith(empty)) {
                throw new MultiNicException(ErrorCode.INVALID_NETWORK, "overlap");
            }
        }
        // Everybody who is there or has something, without NICs where another one has the name.
        Map<String, List<Nic>> all = currentByName();
        if (stored != null) {
            new TreeSet<>(stored.owners()).forEach(uid -> all.putIfAbsent(uid, List.of()));
        }
        var held = ledger.heldAddresses(definition.name());
        NaivePlan edited = stored == null ? empty.with(all, held) : stored.edited(definition, all, held);
        if (stored != null
                && held.stream()
                        .anyMatch(address -> stored.owner(address)
                                .filter(owner -> !edited.owner(address).equals(stored.owner(address)))
                                .isPresent())) {
            throw new MultiNicException(ErrorCode.NETWORK_EDIT_REFUSED, "a held address would move");
        }
        if (!reservations.of(definition.name()).keySet().stream().allMatch(edited::has)) {
            throw new MultiNicException(ErrorCode.NETWORK_EDIT_REFUSED, "a reserved address would be none of its own");
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
    public Made reserve(String network, ReservationRequest request) {
        NaivePlan plan = require(network);
        boolean isNew = reservations.add(network, request, plan);
        return new Made(reservations.seen(network, request.range().first(), ledger.heldAddresses(network)), isNew);
    }

    @Override
    public void unreserve(String network, IpAddress first) {
        require(network);
        reservations.remove(network, first);
    }

    private NaivePlan require(String network) {
        NaivePlan plan = networks.get(network);
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
        // Of a dead machine nothing is heard; a living one is left only when its pods are.
        if (gone ? ledger.spokeWithin(SILENT_AFTER, who) : ledger.holdsAny(who)) {
            throw new MultiNicException(ErrorCode.IN_USE, name);
        }
        ledger.endAll(who);
        hosts.put(who, new Host(name, false, true, List.of()));
        networks.replaceAll((network, plan) -> {
            NaivePlan without = plan.without(who);
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
        return ledger.release(new Seen.Key(network, address));
    }

    @Override
    public Seen seen() {
        var plan = new HashMap<Seen.SlotKey, Seen.Slot>();
        var interfaces = new HashMap<Seen.Interface, Integer>();
        var missing = new HashSet<Seen.Missing>();
        var told = new HashSet<Seen.Told>();
        var reserved = new HashSet<Seen.Reservation>();
        for (NaivePlan network : networks.values()) {
            String name = network.definition().name();
            network.slots().forEach((key, slot) -> {
                boolean current = hosts.get(key.uid()).current();
                plan.put(
                        key,
                        current ? slot : new Seen.Slot(slot.interfaceIndex(), slot.hostIndex(), false, slot.blocks()));
                if (current && slot.present()) {
                    slot.blocks()
                            .forEach(block ->
                                    told.add(new Seen.Told(key, block, reservations.within(name, block.cidr()))));
                }
            });
            reserved.addAll(reservations.seen(name, ledger.heldAddresses(name)));
            interfaces.putAll(network.interfaces());
            network.missing().stream()
                    .filter(each -> hosts.get(each.uid()).current())
                    .forEach(missing::add);
        }
        return new Seen(plan, interfaces, missing, told, reserved, ledger.histories());
    }
}
