package io.multinic.ipam.model;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.ConflictKind;
import io.multinic.contract.wire.LedgerBatch;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.LedgerReceipt;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import io.multinic.ipam.ledger.AddressClaim;
import io.multinic.ipam.ledger.AddressKey;
import io.multinic.ipam.ledger.AddressRecord;
import io.multinic.ipam.ledger.BatchChecks;
import io.multinic.ipam.ledger.LedgerChanges;
import io.multinic.ipam.ledger.LedgerFold;
import io.multinic.ipam.ledger.LiveAllocations;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Sessions, journals, intervals and conflicts as the store keeps them; [LedgerFold] decides on their changes.
final class InMemoryLedger {
    private final InstantSource clock;
    private final Map<String, Session> sessions = new HashMap<>();
    private final Map<String, Instant> lastReports = new HashMap<>();
    private final List<Journal> journals = new ArrayList<>();
    private final Map<Long, Interval> intervals = new TreeMap<>();
    private final Map<Long, Conflict> conflicts = new TreeMap<>();
    private final Map<AddressKey, List<Long>> intervalsOf = new HashMap<>();
    private final Map<AddressKey, List<Long>> conflictsOf = new HashMap<>();
    private final Map<ObservedState.Key, ObservedState.AddressHistory> histories = new HashMap<>();
    private long nextId;

    InMemoryLedger(InstantSource clock) {
        this.clock = clock;
    }

    private record Session(int journal, long epoch) {}

    private static final class Journal {
        private final String uid;
        private final String store;
        private long storedThrough;
        private boolean ended;

        private Journal(String uid, String store) {
            this.uid = uid;
            this.store = store;
        }
    }

    private record Interval(
            AddressClaim claim, Instant from, @Nullable Instant to) {}

    private record Conflict(
            AddressClaim claim, ConflictKind kind, @Nullable Instant resolved) {}

    private static AddressKey key(Allocation allocation) {
        return new AddressKey(allocation.network(), allocation.address());
    }

    private List<Interval> open() {
        return intervals.values().stream().filter(each -> each.to() == null).toList();
    }

    private List<Allocation> open(String uid) {
        return open().stream()
                .filter(each -> journals.get((int) each.claim().journalId()).uid.equals(uid))
                .map(each -> each.claim().allocation())
                .toList();
    }

    boolean holdsAny(String network) {
        return open().stream()
                .anyMatch(each -> each.claim().allocation().network().equals(network));
    }

    List<Cidr> heldIn(String network, Collection<Cidr> blocks) {
        return open().stream()
                .map(each -> each.claim().allocation())
                .filter(held -> held.network().equals(network)
                        && blocks.stream().anyMatch(block -> block.contains(held.address())))
                .map(held -> new Cidr(held.address(), held.address().family().bits()))
                .toList();
    }

    List<IpAddress> held(String network) {
        return open().stream()
                .map(each -> each.claim().allocation())
                .filter(held -> held.network().equals(network))
                .map(Allocation::address)
                .toList();
    }

    boolean isSilent(String uid, Duration time) {
        Instant last = lastReports.get(uid);
        return last == null || Duration.between(last, clock.instant()).compareTo(time) >= 0;
    }

    boolean nodeHoldsAny(String uid) {
        return !open(uid).isEmpty();
    }

    SessionGrant openSession(SessionRequest request) {
        for (int i = 0; i < request.live().size(); i++) {
            BatchChecks.require(request.live().get(i), "live[" + i + "]");
        }
        int number = journal(request.nodeUid(), request.storeId());
        Journal journal = journals.get(number);
        Session before = sessions.get(request.nodeUid());
        var session = new Session(number, before == null ? 1 : before.epoch() + 1);
        sessions.put(request.nodeUid(), session);
        lastReports.put(request.nodeUid(), clock.instant());
        List<Allocation> open = open(request.nodeUid());
        Long confirmed = request.confirmed();
        if (confirmed != null && confirmed > journal.storedThrough) {
            store(number, LiveAllocations.asEvents(claimed(request.nodeUid()), open, request.live(), clock.instant()));
            journal.storedThrough = confirmed;
            return new SessionGrant(session.epoch(), confirmed, List.of());
        }
        return new SessionGrant(
                session.epoch(),
                journal.storedThrough,
                journal.storedThrough > 0 ? List.of() : LiveAllocations.missing(open, request.live()));
    }

    private int journal(String uid, String store) {
        for (int i = 0; i < journals.size(); i++) {
            Journal journal = journals.get(i);
            if (journal.uid.equals(uid) && journal.store.equals(store) && !journal.ended) {
                return i;
            }
        }
        journals.add(new Journal(uid, store));
        return journals.size() - 1;
    }

    LedgerReceipt append(LedgerBatch batch, Runnable requireNode) {
        BatchChecks.require(batch);
        requireNode.run();
        Session session = sessions.get(batch.nodeUid());
        if (session == null || session.epoch() != batch.epoch() || journals.get(session.journal()).ended) {
            throw new MultiNicException(ErrorCode.STALE_SESSION, "epoch " + batch.epoch());
        }
        Journal journal = journals.get(session.journal());
        long expected = journal.storedThrough + 1;
        if (!batch.events().isEmpty() && batch.events().getFirst().sequence() > expected) {
            throw new MultiNicException(ErrorCode.LEDGER_GAP, "expected " + expected);
        }
        lastReports.put(batch.nodeUid(), clock.instant());
        var fresh = batch.events().stream()
                .filter(event -> event.sequence() >= expected)
                .toList();
        if (!fresh.isEmpty()) {
            store(session.journal(), fresh);
            journal.storedThrough = fresh.getLast().sequence();
        }
        return new LedgerReceipt(journal.storedThrough);
    }

    private void store(int journal, List<LedgerEvent> events) {
        Instant received = clock.instant();
        long nodeId = journals.get(journal).uid.hashCode();
        var known = known(events, received);
        apply(LedgerFold.fold(nodeId, journal, received, known, events));
        events.forEach(event -> updateHistory(key(event.allocation())));
    }

    private void updateHistory(AddressKey key) {
        histories.put(new ObservedState.Key(key.network(), key.address()), history(key));
    }

    private void apply(LedgerChanges changes) {
        changes.closed()
                .forEach((id, at) -> intervals.computeIfPresent(
                        id, (same, interval) -> new Interval(interval.claim(), interval.from(), at)));
        for (var opened : changes.opened()) {
            long id = nextId++;
            intervals.put(id, new Interval(opened.claim(), opened.from(), opened.to()));
            intervalsOf
                    .computeIfAbsent(key(opened.claim().allocation()), key -> new ArrayList<>())
                    .add(id);
        }
        for (var conflict : changes.conflicts()) {
            long id = nextId++;
            conflicts.put(id, new Conflict(conflict.claim(), conflict.kind(), conflict.resolvedAt()));
            conflictsOf
                    .computeIfAbsent(key(conflict.claim().allocation()), key -> new ArrayList<>())
                    .add(id);
        }
        changes.resolved()
                .forEach((id, at) -> conflicts.computeIfPresent(
                        id, (same, conflict) -> new Conflict(conflict.claim(), conflict.kind(), at)));
    }

    private List<Allocation> claimed(String uid) {
        return conflicts.values().stream()
                .filter(each -> each.resolved() == null && uid.equals(uidOf(each.claim())))
                .map(each -> each.claim().allocation())
                .toList();
    }

    /// Ends the claims and then the intervals of a node that is retired.
    void endAll(String uid) {
        Instant now = clock.instant();
        var ends = new ArrayList<LedgerEvent>();
        claimed(uid).forEach(claim -> ends.add(new LedgerEvent(0, LedgerEvent.Type.FREED, now, claim)));
        open(uid).forEach(held -> ends.add(new LedgerEvent(0, LedgerEvent.Type.FREED, now, held)));
        if (!ends.isEmpty()) {
            store(journal(uid, ""), ends);
            journals.stream().filter(each -> each.uid.equals(uid)).forEach(each -> each.ended = true);
        }
    }

    Instant release(AddressKey key) {
        AddressRecord known = known(key, clock.instant());
        if (known.open() == null) {
            throw new MultiNicException(ErrorCode.ADDRESS_NOT_HELD, key.toString());
        }
        LedgerChanges changes = LedgerFold.release(clock.instant(), key, known);
        apply(changes);
        updateHistory(key);
        return changes.closed().values().iterator().next();
    }

    private String uidOf(AddressClaim claim) {
        return journals.get((int) claim.journalId()).uid;
    }

    private static <T> List<T> all(Map<AddressKey, List<Long>> ids, AddressKey key, Function<Long, T> find) {
        return ids.getOrDefault(key, List.of()).stream().map(find).toList();
    }

    /// Reads the state of the addresses as the store does: without intervals that ended before their first event.
    private Map<AddressKey, AddressRecord> known(Collection<LedgerEvent> events, Instant received) {
        Map<AddressKey, Instant> earliest = new LinkedHashMap<>();
        for (LedgerEvent event : events) {
            earliest.merge(
                    key(event.allocation()),
                    LedgerFold.effective(event.at(), received),
                    (one, other) -> one.isBefore(other) ? one : other);
        }
        Map<AddressKey, AddressRecord> known = new HashMap<>();
        earliest.forEach((key, from) -> known.put(key, known(key, from)));
        return known;
    }

    private AddressRecord known(AddressKey key, Instant from) {
        AddressRecord.OpenInterval open = null;
        Instant lastFreed = null;
        for (long id : intervalsOf.getOrDefault(key, List.of())) {
            Interval interval = Objects.requireNonNull(intervals.get(id));
            Instant to = interval.to();
            if (to == null) {
                open = new AddressRecord.OpenInterval(id, interval.claim(), interval.from());
            } else if (to.isAfter(from) && (lastFreed == null || to.isAfter(lastFreed))) {
                lastFreed = to;
            }
        }
        var waiting = new ArrayList<AddressRecord.WaitingClaim>();
        var released = new ArrayList<AddressRecord.WaitingClaim>();
        for (long id : conflictsOf.getOrDefault(key, List.of())) {
            Conflict conflict = Objects.requireNonNull(conflicts.get(id));
            if (conflict.resolved() == null) {
                (conflict.kind() == ConflictKind.RELEASED ? released : waiting)
                        .add(new AddressRecord.WaitingClaim(id, conflict.claim()));
            }
        }
        return new AddressRecord(open, lastFreed, waiting, released);
    }

    private ObservedState.EventId event(AddressClaim claim) {
        Journal journal = journals.get((int) claim.journalId());
        return new ObservedState.EventId(journal.uid, journal.store, claim.sequence());
    }

    private ObservedState.AddressHistory history(AddressKey key) {
        return new ObservedState.AddressHistory(
                all(intervalsOf, key, intervals::get).stream()
                        .map(each -> new ObservedState.Interval(
                                event(each.claim()), each.claim().allocation().containerId(), each.from(), each.to()))
                        .toList(),
                all(conflictsOf, key, conflicts::get).stream()
                        .map(each -> new ObservedState.Conflict(
                                event(each.claim()),
                                each.kind().name(),
                                each.claim().allocation().containerId(),
                                each.claim().at(),
                                each.resolved()))
                        .toList());
    }

    Map<ObservedState.Key, ObservedState.AddressHistory> histories() {
        return Map.copyOf(histories);
    }
}
