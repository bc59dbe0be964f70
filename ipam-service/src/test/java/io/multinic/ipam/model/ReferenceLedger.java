package io.multinic.ipam.model;

import io.multinic.contract.address.IpAddress;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.LedgerBatch;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.LedgerReceipt;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import io.multinic.ipam.model.ObservedState.EventId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A ledger that keeps every accepted event and derives the history of an address by replaying all its events.
final class ReferenceLedger {
    private final InstantSource clock;
    private final Map<String, Session> sessions = new HashMap<>();
    private final Map<String, Instant> lastReports = new HashMap<>();
    private final Map<Journal, Long> storedThrough = new HashMap<>();
    private final Map<ObservedState.Key, List<Accepted>> accepted = new HashMap<>();
    private final Map<ObservedState.Key, AddressState> states = new HashMap<>();

    ReferenceLedger(InstantSource clock) {
        this.clock = clock;
    }

    private record Journal(String uid, String store) {}

    /// @param over whether the node was retired, so that the session accepts no events
    private record Session(Journal journal, long epoch, boolean over) {}

    private enum Kind {
        ALLOCATED,
        FREED,
        RELEASED_BY_HAND
    }

    private record Accepted(EventId event, Kind kind, Instant at, Allocation allocation) {
        boolean sameHolder(Accepted other) {
            return event.uid().equals(other.event.uid())
                    && List.of(allocation.containerId(), allocation.ifName(), allocation.podInterface())
                            .equals(List.of(
                                    other.allocation.containerId(),
                                    other.allocation.ifName(),
                                    other.allocation.podInterface()));
        }
    }

    /// @param open unresolved claims
    private record AddressState(
            ObservedState.AddressHistory history, @Nullable Accepted holder, List<Accepted> open, Instant lastEnd) {}

    SessionGrant openSession(SessionRequest request) {
        var journal = new Journal(request.nodeUid(), request.storeId());
        long stored = storedThrough.getOrDefault(journal, 0L);
        Session before = sessions.get(request.nodeUid());
        long epoch = before == null ? 1 : before.epoch() + 1;
        sessions.put(request.nodeUid(), new Session(journal, epoch, false));
        lastReports.put(request.nodeUid(), clock.instant());
        List<Allocation> forgotten = held(request.nodeUid());
        forgotten.removeIf(each -> request.live().stream().anyMatch(live -> same(each, live)));
        Long confirmed = request.confirmed();
        if (confirmed != null && confirmed > stored) {
            List<Allocation> unstored = new ArrayList<>(request.live());
            unstored.removeIf(live -> held(request.nodeUid()).stream().anyMatch(each -> same(each, live)));
            Instant now = clock.instant();
            List<Allocation> abandoned = claimed(request.nodeUid());
            abandoned.removeIf(each -> request.live().stream().anyMatch(live -> same(each, live)));
            abandoned.forEach(each -> accept(journal, new LedgerEvent(0, LedgerEvent.Type.FREED, now, each), now));
            forgotten.forEach(each -> accept(journal, new LedgerEvent(0, LedgerEvent.Type.FREED, now, each), now));
            unstored.forEach(each -> accept(journal, new LedgerEvent(0, LedgerEvent.Type.ALLOCATED, now, each), now));
            storedThrough.put(journal, confirmed);
            return new SessionGrant(epoch, confirmed, List.of());
        }
        return new SessionGrant(epoch, stored, stored == 0 ? forgotten : List.of());
    }

    private static boolean same(Allocation one, Allocation other) {
        return one.network().equals(other.network())
                && one.address().equals(other.address())
                && one.containerId().equals(other.containerId())
                && one.ifName().equals(other.ifName())
                && one.podInterface().equals(other.podInterface());
    }

    private List<Allocation> held(String uid) {
        return states.values().stream()
                .map(AddressState::holder)
                .filter(Objects::nonNull)
                .filter(holder -> holder.event().uid().equals(uid))
                .map(Accepted::allocation)
                .collect(Collectors.toCollection(ArrayList::new));
    }

    private List<Allocation> claimed(String uid) {
        return states.values().stream()
                .flatMap(each -> each.open().stream())
                .filter(claim -> claim.event().uid().equals(uid))
                .map(Accepted::allocation)
                .collect(Collectors.toCollection(ArrayList::new));
    }

    boolean holdsAny(String uid) {
        return !held(uid).isEmpty();
    }

    List<IpAddress> heldAddresses(String network) {
        return states.entrySet().stream()
                .filter(entry -> entry.getValue().holder() != null
                        && entry.getKey().network().equals(network))
                .map(entry -> entry.getKey().address())
                .toList();
    }

    LedgerReceipt append(LedgerBatch batch) {
        Session session = sessions.get(batch.nodeUid());
        if (session == null || session.over() || session.epoch() != batch.epoch()) {
            throw new MultiNicException(ErrorCode.STALE_SESSION, "stale");
        }
        long stored = storedThrough.getOrDefault(session.journal(), 0L);
        if (!batch.events().isEmpty() && batch.events().getFirst().sequence() > stored + 1) {
            throw new MultiNicException(ErrorCode.LEDGER_GAP, "gap");
        }
        lastReports.put(batch.nodeUid(), clock.instant());
        for (LedgerEvent event : batch.events()) {
            if (event.sequence() == stored + 1) {
                accept(session.journal(), event, clock.instant());
                stored++;
            }
        }
        storedThrough.put(session.journal(), stored);
        return new LedgerReceipt(stored);
    }

    private void accept(Journal journal, LedgerEvent event, Instant received) {
        Instant at = (event.at().compareTo(received) > 0 ? received : event.at()).truncatedTo(ChronoUnit.MICROS);
        var key = new ObservedState.Key(
                event.allocation().network(), event.allocation().address());
        List<Accepted> all = accepted.computeIfAbsent(key, unknown -> new ArrayList<>());
        all.add(new Accepted(
                new EventId(journal.uid(), journal.store(), event.sequence()),
                event.type() == LedgerEvent.Type.FREED ? Kind.FREED : Kind.ALLOCATED,
                at,
                event.allocation()));
        states.put(key, replay(all));
    }

    boolean reportedWithin(Duration time, String uid) {
        Instant last = lastReports.get(uid);
        return last != null && clock.instant().isBefore(last.plus(time));
    }

    /// Ends the node's claims, then its intervals: a claim must not become an interval when the address is freed. If
    /// there was any, the node's journals end; a node that returns starts new ones of the same names.
    void endAll(String uid) {
        Instant now = clock.instant();
        boolean anything = states.values().stream()
                .anyMatch(
                        each -> isOf(uid, each.holder()) || each.open().stream().anyMatch(claim -> isOf(uid, claim)));
        if (anything) {
            storedThrough.keySet().removeIf(journal -> journal.uid().equals(uid));
            sessions.computeIfPresent(uid, (same, session) -> new Session(session.journal(), session.epoch(), true));
        }
        var retirement = new Journal(uid, "");
        Map.copyOf(states).forEach((key, each) -> {
            each.open().stream()
                    .filter(claim -> isOf(uid, claim))
                    .forEach(claim -> accept(
                            retirement, new LedgerEvent(0, LedgerEvent.Type.FREED, now, claim.allocation()), now));
            Accepted holder = each.holder();
            if (holder != null && isOf(uid, holder)) {
                accept(retirement, new LedgerEvent(0, LedgerEvent.Type.FREED, now, holder.allocation()), now);
            }
        });
    }

    private static boolean isOf(String uid, @Nullable Accepted event) {
        return event != null && event.event().uid().equals(uid);
    }

    Instant release(ObservedState.Key key) {
        AddressState before = states.get(key);
        Accepted holder = before == null ? null : before.holder();
        if (holder == null) {
            throw new MultiNicException(ErrorCode.ADDRESS_NOT_HELD, key.toString());
        }
        List<Accepted> all = Objects.requireNonNull(accepted.get(key));
        var event = new EventId(holder.event().uid(), holder.event().store(), 0);
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        all.add(new Accepted(event, Kind.RELEASED_BY_HAND, now, holder.allocation()));
        states.put(key, replay(all));
        return Objects.requireNonNull(states.get(key)).lastEnd();
    }

    private static AddressState replay(List<Accepted> events) {
        var queue = new Queue();
        events.forEach(queue::accept);
        return queue.state();
    }

    /// The claims to one address: the first one holds it, the others conflict with it. Claims that were released by an
    /// administrator are kept apart until their node reports the end.
    private static final class Queue {
        private final List<ObservedState.Interval> held = new ArrayList<>();
        private final List<ObservedState.Conflict> conflicts = new ArrayList<>();
        private final List<Accepted> queue = new ArrayList<>();
        private final List<Accepted> released = new ArrayList<>();
        private Instant since = Instant.MIN;
        private Instant free = Instant.MIN;

        void accept(Accepted event) {
            switch (event.kind()) {
                case ALLOCATED -> {
                    resolve(released, place(released, event), "RELEASED", event.at());
                    int place = place(queue, event);
                    if (queue.isEmpty()) {
                        since = later(event.at(), free);
                    }
                    if (place < 0) {
                        queue.add(event);
                    }
                }
                case FREED -> freed(event);
                case RELEASED_BY_HAND -> {
                    freed(event);
                    released.add(event);
                }
            }
        }

        private void freed(Accepted event) {
            int place = place(queue, event);
            if (place == 0) {
                free = later(event.at(), since.plus(1, ChronoUnit.MICROS));
                held.add(interval(queue.removeFirst(), since, free));
                if (!queue.isEmpty()) {
                    since = later(queue.getFirst().at(), free);
                    conflicts.add(conflict(queue.getFirst(), "ADDRESS_HELD", free));
                }
            } else if (!resolve(queue, place, "ADDRESS_HELD", event.at())
                    && !resolve(released, place(released, event), "RELEASED", event.at())) {
                conflicts.add(conflict(event, "NOT_HELD", event.at()));
            }
        }

        private boolean resolve(List<Accepted> claims, int place, String kind, Instant at) {
            if (place >= 0) {
                conflicts.add(conflict(claims.remove(place), kind, at));
            }
            return place >= 0;
        }

        AddressState state() {
            List<Accepted> waiting = queue.isEmpty() ? queue : queue.subList(1, queue.size());
            waiting.forEach(claim -> conflicts.add(conflict(claim, "ADDRESS_HELD", null)));
            released.forEach(claim -> conflicts.add(conflict(claim, "RELEASED", null)));
            Accepted holder = queue.isEmpty() ? null : queue.getFirst();
            if (holder != null) {
                held.add(interval(holder, since, null));
            }
            var open = new ArrayList<>(waiting);
            open.addAll(released);
            return new AddressState(new ObservedState.AddressHistory(held, conflicts), holder, open, free);
        }
    }

    private static int place(List<Accepted> queue, Accepted event) {
        for (int i = 0; i < queue.size(); i++) {
            if (queue.get(i).sameHolder(event)) {
                return i;
            }
        }
        return -1;
    }

    private static Instant later(Instant one, Instant other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    private static ObservedState.Interval interval(Accepted by, Instant from, @Nullable Instant to) {
        return new ObservedState.Interval(by.event(), by.allocation().containerId(), from, to);
    }

    private static ObservedState.Conflict conflict(Accepted by, String kind, @Nullable Instant resolved) {
        return new ObservedState.Conflict(by.event(), kind, by.allocation().containerId(), by.at(), resolved);
    }

    Map<ObservedState.Key, ObservedState.AddressHistory> histories() {
        var all = new HashMap<ObservedState.Key, ObservedState.AddressHistory>();
        states.forEach((key, each) -> all.put(key, each.history()));
        return all;
    }
}
