package io.multinic.ipam.ledger;

import io.multinic.contract.wire.ConflictKind;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.ipam.ledger.LedgerChanges.Conflict;
import io.multinic.ipam.ledger.LedgerChanges.Interval;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Decides which changes a node's events make to the ledger. It is the only code that ends an interval.
///
/// The order of events is taken from the journal, not from the node's clock: an event takes effect at the time it
/// states, but not later than its arrival and not before the address was last freed, and an interval lasts at least a
/// microsecond. So a clock that jumps never makes a conflict.
///
/// A conflict is a claim to an address that another sandbox holds. The holder keeps the address. The claim waits, and
/// becomes an interval when the holder frees the address or is released manually.
public final class LedgerFold {
    private static final Duration SHORTEST = Duration.of(1, ChronoUnit.MICROS);

    private final Instant received;
    private final Map<AddressKey, Address> addresses = new LinkedHashMap<>();
    private final Map<Long, Instant> closed = new HashMap<>();
    private final List<Interval> opened = new ArrayList<>();
    private final List<Conflict> conflicts = new ArrayList<>();
    private final Map<Long, Instant> resolved = new HashMap<>();

    /// Open interval of an address while events are applied; `id` is null until it is stored.
    private record Current(@Nullable Long id, AddressClaim claim, Instant from) {}

    /// Waiting claim; `conflictId` is null until it is stored.
    private record Waiting(@Nullable Long conflictId, AddressClaim claim) {}

    private static final class Address {
        private @Nullable Current current;
        private @Nullable Instant lastFreed;
        private final Deque<Waiting> waiting = new ArrayDeque<>();
        private final Deque<Waiting> released = new ArrayDeque<>();
    }

    private LedgerFold(Instant received, Map<AddressKey, AddressRecord> known) {
        this.received = received;
        known.forEach((key, record) -> {
            var address = new Address();
            AddressRecord.OpenInterval open = record.open();
            address.current = open == null ? null : new Current(open.id(), open.claim(), open.from());
            address.lastFreed = record.lastFreed();
            record.waiting().forEach(claim -> address.waiting.add(new Waiting(claim.conflictId(), claim.claim())));
            record.released().forEach(claim -> address.released.add(new Waiting(claim.conflictId(), claim.claim())));
            addresses.put(key, address);
        });
    }

    /// Effective time of an event: never in the future, truncated to PostgreSQL's microseconds.
    public static Instant effective(Instant at, Instant received) {
        return (at.isAfter(received) ? received : at).truncatedTo(ChronoUnit.MICROS);
    }

    /// Applies the events of a node in their order.
    ///
    /// @param known stored state of every address in `events`; an address without stored state is absent
    public static LedgerChanges fold(
            long nodeId,
            long journalId,
            Instant received,
            Map<AddressKey, AddressRecord> known,
            List<LedgerEvent> events) {
        return fold(nodeId, journalId, received, known, events, Set.of());
    }

    /// Applies the events after it has ended the open intervals in `displaced`. Waiting claims are not promoted to
    /// a displaced address: the events assign it.
    ///
    /// @param displaced ids of intervals whose address is allocated by one of the events
    public static LedgerChanges fold(
            long nodeId,
            long journalId,
            Instant received,
            Map<AddressKey, AddressRecord> known,
            List<LedgerEvent> events,
            Set<Long> displaced) {
        var fold = new LedgerFold(received.truncatedTo(ChronoUnit.MICROS), known);
        fold.addresses.values().forEach(address -> fold.displace(address, displaced));
        for (LedgerEvent event : events) {
            Instant at = effective(event.at(), fold.received);
            fold.apply(event.type(), new AddressClaim(nodeId, journalId, event.sequence(), event.allocation(), at));
        }
        return fold.changes();
    }

    /// Ends the open interval without an event of its node. A conflict records the release until the node frees the
    /// address, which then changes nothing, or reports again that it is held.
    ///
    /// @param known state of the address; it must have an open interval
    public static LedgerChanges release(Instant at, AddressKey key, AddressRecord known) {
        Instant now = at.truncatedTo(ChronoUnit.MICROS);
        AddressClaim holder = Objects.requireNonNull(known.open()).claim();
        var claim = new AddressClaim(holder.nodeId(), holder.journalId(), 0, holder.allocation(), now);
        var fold = new LedgerFold(now, Map.of(key, known));
        fold.apply(LedgerEvent.Type.FREED, claim);
        fold.conflicts.add(new Conflict(claim, ConflictKind.RELEASED, null));
        return fold.changes();
    }

    private void apply(LedgerEvent.Type type, AddressClaim claim) {
        var address = addresses.computeIfAbsent(AddressKey.of(claim.allocation()), key -> new Address());
        switch (type) {
            case ALLOCATED -> allocated(address, claim);
            case FREED -> freed(address, claim);
        }
    }

    private void allocated(Address address, AddressClaim claim) {
        // The node claims the address again: a manual release of this holder is obsolete.
        var _ = settle(address.released, claim);
        Current current = address.current;
        if (current == null) {
            // The same holder may have waited; its earlier holder was ended to free the address.
            var _ = settle(address.waiting, claim);
            address.current = new Current(null, claim, latest(claim.at(), address.lastFreed));
        } else if (!current.claim().sameHolder(claim) && !waits(address, claim)) {
            address.waiting.add(new Waiting(null, claim));
        }
    }

    /// A claim that comes both from a session and from an event waits only once, so that one FREED ends it.
    private static boolean waits(Address address, AddressClaim claim) {
        return address.waiting.stream().anyMatch(other -> other.claim().sameHolder(claim));
    }

    private void displace(Address address, Set<Long> displaced) {
        Current current = address.current;
        if (current != null && current.id() != null && displaced.contains(current.id())) {
            Instant to = latest(received, current.from().plus(SHORTEST));
            end(current, to);
            address.lastFreed = to;
            address.current = null;
        }
    }

    private void freed(Address address, AddressClaim claim) {
        Current current = address.current;
        if (current != null && current.claim().sameHolder(claim)) {
            Instant to = latest(claim.at(), current.from().plus(SHORTEST));
            end(current, to);
            address.lastFreed = to;
            address.current = null;
            promote(address, to);
            return;
        }
        if (settle(address.waiting, claim) || settle(address.released, claim)) {
            return;
        }
        conflicts.add(new Conflict(claim, ConflictKind.NOT_HELD, claim.at()));
    }

    /// Resolves the conflict of the same holder, if it has one.
    private boolean settle(Deque<Waiting> claims, AddressClaim claim) {
        for (var each = claims.iterator(); each.hasNext(); ) {
            Waiting candidate = each.next();
            if (candidate.claim().sameHolder(claim)) {
                resolve(candidate, claim.at());
                each.remove();
                return true;
            }
        }
        return false;
    }

    private void end(Current current, Instant to) {
        if (current.id() == null) {
            opened.add(new Interval(current.claim(), current.from(), to));
        } else {
            closed.put(current.id(), to);
        }
    }

    private void promote(Address address, Instant freedAt) {
        Waiting next = address.waiting.poll();
        if (next != null) {
            resolve(next, freedAt);
            address.current =
                    new Current(null, next.claim(), latest(next.claim().at(), freedAt));
        }
    }

    private void resolve(Waiting claim, Instant at) {
        if (claim.conflictId() == null) {
            conflicts.add(new Conflict(claim.claim(), ConflictKind.ADDRESS_HELD, at));
        } else {
            resolved.put(claim.conflictId(), at);
        }
    }

    private LedgerChanges changes() {
        for (Address address : addresses.values()) {
            Current current = address.current;
            if (current != null && current.id() == null) {
                opened.add(new Interval(current.claim(), current.from(), null));
            }
            for (Waiting claim : address.waiting) {
                if (claim.conflictId() == null) {
                    conflicts.add(new Conflict(claim.claim(), ConflictKind.ADDRESS_HELD, null));
                }
            }
        }
        return new LedgerChanges(closed, opened, conflicts, resolved);
    }

    private static Instant latest(Instant one, @Nullable Instant other) {
        return other != null && other.isAfter(one) ? other : one;
    }
}
