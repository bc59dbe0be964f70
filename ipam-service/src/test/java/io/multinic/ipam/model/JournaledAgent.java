package io.multinic.ipam.model;

import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.LedgerBatch;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.LedgerReceipt;
import io.multinic.contract.wire.PlanStatement;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import io.multinic.contract.wire.StatedBlock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The agent of one node: the journal that it writes, and the journals of its former disks.
final class JournaledAgent {
    final String uid;
    private final List<Journal> journals = new ArrayList<>();
    private Journal journal;
    private @Nullable PlanStatement plan;
    private long epoch;

    JournaledAgent(String uid) {
        this.uid = uid;
        this.journal = newJournal();
    }

    static final class Journal {
        private final String store;
        private final List<LedgerEvent> events = new ArrayList<>();
        private final Map<String, Allocation> held = new LinkedHashMap<>();
        private long confirmed;
        private long acknowledged;

        private Journal(String store) {
            this.store = store;
        }
    }

    private Journal newJournal() {
        var created = new Journal(uid + "-disk" + journals.size());
        journals.add(created);
        return created;
    }

    /// Replaces the disk by a new, empty one.
    void wipe() {
        journal = newJournal();
        epoch = 0; // a session belongs to one journal
    }

    /// Replaces the disk by a former one.
    void restore(int which) {
        journal = journals.get(which % journals.size());
        epoch = 0;
    }

    private static String place(Allocation allocation) {
        return allocation.network() + " " + allocation.address() + " " + allocation.containerId();
    }

    boolean holds(Allocation allocation) {
        return journal.held.values().stream()
                .anyMatch(held -> held.network().equals(allocation.network())
                        && held.address().equals(allocation.address()));
    }

    List<Allocation> held() {
        return List.copyOf(journal.held.values());
    }

    ObservedState.EventId write(LedgerEvent.Type type, Instant at, Allocation allocation) {
        journal.events.add(new LedgerEvent(journal.events.size() + 1L, type, at, allocation));
        if (type == LedgerEvent.Type.ALLOCATED) {
            journal.held.put(place(allocation), allocation);
        } else {
            journal.held.remove(place(allocation));
        }
        return new ObservedState.EventId(uid, journal.store, journal.events.size());
    }

    SessionRequest session() {
        return new SessionRequest(uid, journal.store, journal.confirmed, held(), plan);
    }

    /// Adopts the blocks of a plan; the next session states them.
    void adopt(PlanStatement known) {
        plan = known;
    }

    List<StatedBlock> blocks() {
        return plan == null ? List.of() : plan.blocks();
    }

    void granted(SessionGrant grant) {
        epoch = grant.epoch();
        journal.confirmed = grant.storedThrough();
        journal.acknowledged = grant.storedThrough();
        grant.restore().forEach(allocation -> journal.held.put(place(allocation), allocation));
    }

    void confirmed(LedgerReceipt receipt) {
        journal.confirmed = receipt.storedThrough();
    }

    /// Records what the ledger stored, even when the receipt does not reach the agent.
    void acknowledged(LedgerReceipt receipt) {
        journal.acknowledged = receipt.storedThrough();
    }

    int unconfirmed() {
        return journal.events.size() - (int) journal.confirmed;
    }

    int confirmed() {
        return (int) journal.confirmed;
    }

    /// The events after `from` up to and including `to`.
    LedgerBatch batch(int from, int to, long epochsAgo) {
        return new LedgerBatch(uid, epoch - epochsAgo, List.copyOf(journal.events.subList(from, to)));
    }

    /// The events of all journals that the ledger has acknowledged.
    Map<ObservedState.EventId, LedgerEvent> stored() {
        Map<ObservedState.EventId, LedgerEvent> stored = new LinkedHashMap<>();
        for (Journal each : journals) {
            each.events
                    .subList(0, (int) each.acknowledged)
                    .forEach(event -> stored.put(new ObservedState.EventId(uid, each.store, event.sequence()), event));
        }
        return stored;
    }
}
