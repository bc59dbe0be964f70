package io.multinic.ipam.truth;

import io.multinic.contract.address.IpAddress;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.LedgerBatch;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.LedgerReceipt;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import io.multinic.ipam.truth.Seen.Event;
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

/// A ledger that keeps every event it took and tells each address's history by reading all of them again.
final class NaiveLedger {
    private final InstantSource clock;
    private final Map<String, Session> sessions = new HashMap<>();
    private final Map<String, Instant> heard = new HashMap<>();
    private final Map<Journal, Long> storedThrough = new HashMap<>();
    private final Map<Seen.Key, List<Taken>> taken = new HashMap<>();
    private final Map<Seen.Key, Told> told = new HashMap<>();

    NaiveLedger(InstantSource clock) {
        this.clock = clock;
    }

    private record Journal(String uid, String store) {}

    /// @param over what was said in it counts no more: the node was retired
    private record Session(Journal journal, long epoch, boolean over) {}

    private enum What {
        ALLOCATED,
        FREED,
        RELEASED_BY_HAND
    }

    private record Taken(Event event, What what, Instant at, Allocation allocation) {
        boolean sameHolder(Taken other) {
            return event.uid().equals(other.event.uid())
                    && List.of(allocation.containerId(), allocation.ifName(), allocation.podInterface())
                            .equals(List.of(
                                    other.allocation.containerId(),
                                    other.allocation.ifName(),
                                    other.allocation.podInterface()));
        }
    }

    /// @param open claims that have not been resolved
    private record Told(Seen.History history, @Nullable Taken holder, List<Taken> open, Instant lastEnd) {}

    SessionGrant openSession(SessionRequest request) {
        var journal = new Journal(request.nodeUid(), request.storeId());
        long stored = storedThrough.getOrDefault(journal, 0L);
        Session before = sessions.get(request.nodeUid());
        long epoch = before == null ? 1 : before.epoch() + 1;
        sessions.put(request.nodeUid(), new Session(journal, epoch, false));
        heard.put(request.nodeUid(), clock.instant());
        List<Allocation> forgotten = held(request.nodeUid());
        forgotten.removeIf(each -> request.live().stream().anyMatch(live -> same(each, live)));
        Long confirmed = request.confirmed();
        if (confirmed != null && confirmed > stored) {
            List<Allocation> unheard = new ArrayList<>(request.live());
            unheard.removeIf(live -> held(request.nodeUid()).stream().anyMatch(each -> same(each, live)));
            Instant now = clock.instant();
            List<Allocation> givenUp = claimed(request.nodeUid());
            givenUp.removeIf(each -> request.live().stream().anyMatch(live -> same(each, live)));
            givenUp.forEach(each -> take(journal, new LedgerEvent(0, LedgerEvent.Type.FREED, now, each), now));
            forgotten.forEach(each -> take(journal, new LedgerEvent(0, LedgerEvent.Type.FREED, now, each), now));
            unheard.forEach(each -> take(journal, new LedgerEvent(0, LedgerEvent.Type.ALLOCATED, now, each), now));
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
        return told.values().stream()
                .map(Told::holder)
                .filter(Objects::nonNull)
                .filter(holder -> holder.event().uid().equals(uid))
                .map(Taken::allocation)
                .collect(Collectors.toCollection(ArrayList::new));
    }

    private List<Allocation> claimed(String uid) {
        return told.values().stream()
                .flatMap(each -> each.open().stream())
                .filter(claim -> claim.event().uid().equals(uid))
                .map(Taken::allocation)
                .collect(Collectors.toCollection(ArrayList::new));
    }

    boolean holdsAny(String uid) {
        return !held(uid).isEmpty();
    }

    List<IpAddress> heldAddresses(String network) {
        return told.entrySet().stream()
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
        heard.put(batch.nodeUid(), clock.instant());
        for (LedgerEvent event : batch.events()) {
            if (event.sequence() == stored + 1) {
                take(session.journal(), event, clock.instant());
                stored++;
            }
        }
        storedThrough.put(session.journal(), stored);
        return new LedgerReceipt(stored);
    }

    private void take(Journal journal, LedgerEvent event, Instant received) {
        Instant at = (event.at().compareTo(received) > 0 ? received : event.at()).truncatedTo(ChronoUnit.MICROS);
        var key = new Seen.Key(event.allocation().network(), event.allocation().address());
        List<Taken> all = taken.computeIfAbsent(key, unknown -> new ArrayList<>());
        all.add(new Taken(
                new Event(journal.uid(), journal.store(), event.sequence()),
                event.type() == LedgerEvent.Type.FREED ? What.FREED : What.ALLOCATED,
                at,
                event.allocation()));
        told.put(key, tell(all));
    }

    boolean spokeWithin(Duration time, String uid) {
        Instant last = heard.get(uid);
        return last != null && clock.instant().isBefore(last.plus(time));
    }

    /// Claims first, as whoever gives up everything wants nothing of its own in return. If there was
    /// anything, the node's journals are over: should it come back, it begins new ones of the same names.
    void endAll(String uid) {
        Instant now = clock.instant();
        boolean anything = told.values().stream()
                .anyMatch(
                        each -> isOf(uid, each.holder()) || each.open().stream().anyMatch(claim -> isOf(uid, claim)));
        if (anything) {
            storedThrough.keySet().removeIf(journal -> journal.uid().equals(uid));
            sessions.computeIfPresent(uid, (same, session) -> new Session(session.journal(), session.epoch(), true));
        }
        var nobody = new Journal(uid, "");
        Map.copyOf(told).forEach((key, each) -> {
            each.open().stream()
                    .filter(claim -> isOf(uid, claim))
                    .forEach(claim ->
                            take(nobody, new LedgerEvent(0, LedgerEvent.Type.FREED, now, claim.allocation()), now));
            Taken holder = each.holder();
            if (holder != null && isOf(uid, holder)) {
                take(nobody, new LedgerEvent(0, LedgerEvent.Type.FREED, now, holder.allocation()), now);
            }
        });
    }

    private static boolean isOf(String uid, @Nullable Taken event) {
        return event != null && event.event().uid().equals(uid);
    }

    Instant release(Seen.Key key) {
        Told before = told.get(key);
        Taken holder = before == null ? null : before.holder();
        if (holder == null) {
            throw new MultiNicException(ErrorCode.ADDRESS_NOT_HELD, key.toString());
        }
        List<Taken> all = Objects.requireNonNull(taken.get(key));
        var event = new Event(holder.event().uid(), holder.event().store(), 0);
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        all.add(new Taken(event, What.RELEASED_BY_HAND, now, holder.allocation()));
        told.put(key, tell(all));
        return Objects.requireNonNull(told.get(key)).lastEnd();
    }

    private static Told tell(List<Taken> events) {
        var queue = new Queue();
        events.forEach(queue::take);
        return queue.told();
    }

    /// At one address: its head holds it, the others dispute that; beside it, who was sent away and has not said a
    /// word.
    private static final class Queue {
        private final List<Seen.Held> held = new ArrayList<>();
        private final List<Seen.Dispute> disputes = new ArrayList<>();
        private final List<Taken> queue = new ArrayList<>();
        private final List<Taken> sentAway = new ArrayList<>();
        private Instant since = Instant.MIN;
        private Instant free = Instant.MIN;

        void take(Taken event) {
            switch (event.what()) {
                case ALLOCATED -> {
                    resolve(sentAway, place(sentAway, event), "RELEASED", event.at());
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
                    sentAway.add(event);
                }
            }
        }

        private void freed(Taken event) {
            int place = place(queue, event);
            if (place == 0) {
                free = later(event.at(), since.plus(1, ChronoUnit.MICROS));
                held.add(interval(queue.removeFirst(), since, free));
                if (!queue.isEmpty()) {
                    since = later(queue.getFirst().at(), free);
                    disputes.add(dispute(queue.getFirst(), "ADDRESS_HELD", free));
                }
            } else if (!resolve(queue, place, "ADDRESS_HELD", event.at())
                    && !resolve(sentAway, place(sentAway, event), "RELEASED", event.at())) {
                disputes.add(dispute(event, "NOT_HELD", event.at()));
            }
        }

        private boolean resolve(List<Taken> claims, int place, String kind, Instant at) {
            if (place >= 0) {
                disputes.add(dispute(claims.remove(place), kind, at));
            }
            return place >= 0;
        }

        Told told() {
            List<Taken> waiting = queue.isEmpty() ? queue : queue.subList(1, queue.size());
            waiting.forEach(claim -> disputes.add(dispute(claim, "ADDRESS_HELD", null)));
            sentAway.forEach(claim -> disputes.add(dispute(claim, "RELEASED", null)));
            Taken holder = queue.isEmpty() ? null : queue.getFirst();
            if (holder != null) {
                held.add(interval(holder, since, null));
            }
            var open = new ArrayList<>(waiting);
            open.addAll(sentAway);
            return new Told(new Seen.History(held, disputes), holder, open, free);
        }
    }

    private static int place(List<Taken> queue, Taken event) {
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

    private static Seen.Held interval(Taken by, Instant from, @Nullable Instant to) {
        return new Seen.Held(by.event(), by.allocation().containerId(), from, to);
    }

    private static Seen.Dispute dispute(Taken by, String kind, @Nullable Instant resolved) {
        return new Seen.Dispute(by.event(), kind, by.allocation().containerId(), by.at(), resolved);
    }

    Map<Seen.Key, Seen.History> histories() {
        var all = new HashMap<Seen.Key, Seen.History>();
        told.forEach((key, each) -> all.put(key, each.history()));
        return all;
    }
}
