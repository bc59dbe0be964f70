package io.multinic.agent.journal;

import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.LedgerEvent;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/// Events in the journal's file.
final class SqliteOutbox implements Outbox {
    private final SqliteFile file;
    private final JsonMapper json;
    private volatile String storeId;
    /// Set after commits only, which are serialised.
    private volatile Backlog backlog;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    /// Time up to which the ledger has been given all events. Used only inside transactions of the file, which are
    /// serialised.
    private Instant deliveredAsOf = Instant.EPOCH;

    SqliteOutbox(SqliteFile file, JsonMapper json) {
        this.file = file;
        this.json = json;
        this.storeId = file.read(session -> session.query("SELECT store_id FROM store", row -> row.text(1)))
                .getFirst();
        this.backlog = file.read(SqliteOutbox::backlog);
    }

    private static Backlog backlog(SqliteSession session) {
        return session.first("""
                        SELECT at, (SELECT seq FROM sqlite_sequence WHERE name = 'outbox') - sequence + 1 \
                        FROM outbox ORDER BY sequence LIMIT 1""", row -> Optional.of(new Backlog(row.number(2), Optional.of(row.time(1)))))
                .orElseGet(() -> new Backlog(0, Optional.empty()));
    }

    @Override
    public Backlog backlog() {
        return backlog;
    }

    private void reloadBacklog(SqliteSession session) {
        Backlog left = backlog(session);
        session.afterCommit(() -> backlog = left);
    }

    /// Adds an event in the caller's transaction.
    ///
    /// @param at time of the event, read before the transaction; raised to the time up to which the ledger has been
    ///     given all events, if that is later
    void add(SqliteSession session, LedgerEvent.Type type, Instant at, Allocation allocation) {
        Instant dated = at.isBefore(deliveredAsOf) ? deliveredAsOf : at;
        session.update(
                "INSERT INTO outbox (type, at, allocation) VALUES (?, ?, ?)",
                type.name(),
                SqliteSession.micros(dated),
                json.writeValueAsString(allocation));
        session.afterCommit(() -> backlog = backlog.plus(dated));
    }

    /// To be called after the commit.
    void notifyListeners() {
        listeners.forEach(Runnable::run);
    }

    @Override
    public String storeId() {
        return storeId;
    }

    @Override
    public List<LedgerEvent> pending(int limit) {
        return file.read(session -> pending(session, limit));
    }

    private List<LedgerEvent> pending(SqliteSession session, int limit) {
        return session.query(
                "SELECT sequence, type, at, allocation FROM outbox ORDER BY sequence LIMIT ?",
                row -> new LedgerEvent(
                        row.number(1),
                        LedgerEvent.Type.valueOf(row.text(2)),
                        row.time(3),
                        json.readValue(row.text(4), Allocation.class)),
                limit);
    }

    /// A clock that was set back sets back `deliveredAsOf` too; otherwise events would be dated in the future.
    @Override
    public Delivery next(int limit, InstantSource clock) {
        Delivery next = file.quickly(session -> {
            List<LedgerEvent> events = pending(session, limit);
            if (events.size() >= limit) {
                return new Delivery(events, Optional.empty());
            }
            deliveredAsOf = completeUntil(session, clock.instant().truncatedTo(ChronoUnit.MICROS));
            return new Delivery(events, Optional.of(deliveredAsOf));
        });
        if (!next.events().isEmpty()) {
            // The ledger must not have an event that a power loss can take from the journal.
            file.sync();
        }
        return next;
    }

    /// Now, or the time of the oldest grant whose attachment is not complete: its event will be dated with that time.
    private Instant completeUntil(SqliteSession session, Instant now) {
        var inProgress = session.first(
                "SELECT granted_at FROM allocation WHERE granted_at > ? ORDER BY granted_at LIMIT 1",
                row -> Optional.of(row.time(1)),
                SqliteSession.micros(now.minus(LONGEST_ADD)));
        if (inProgress.isEmpty() || inProgress.get().isAfter(now)) {
            return now;
        }
        boolean clockWasSetBack = deliveredAsOf.isAfter(now);
        return clockWasSetBack || inProgress.get().isAfter(deliveredAsOf) ? inProgress.get() : deliveredAsOf;
    }

    /// Not durable: events that reappear after a power loss are sent again, and the ledger ignores them.
    @Override
    public void confirm(long sequence) {
        file.quickly(session -> {
            session.update("DELETE FROM outbox WHERE sequence <= ?", sequence);
            reloadBacklog(session);
            return session.update("UPDATE store SET introduced = 1 WHERE introduced = 0");
        });
    }

    /// Confirmed events are deleted, so this is the number below the oldest event, or the last one assigned.
    @Override
    public long confirmed() {
        return file.read(session -> session.query("""
                        SELECT coalesce((SELECT min(sequence) - 1 FROM outbox), \
                        (SELECT seq FROM sqlite_sequence WHERE name = 'outbox'), 0)""", row -> row.number(1))).getFirst();
    }

    @Override
    public void onEvents(Runnable listener) {
        listeners.add(listener);
    }

    @Override
    public long written() {
        return file.read(session -> session.query(
                        "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'outbox'), 0)",
                        row -> row.number(1)))
                .getFirst();
    }

    @Override
    public List<Allocation> live() {
        return file.read(SqliteOutbox::live);
    }

    private static List<Allocation> live(SqliteSession session) {
        return session.query(
                "SELECT " + AttachmentRows.ALLOCATION + " WHERE a.granted_at IS NULL ORDER BY t.rowid, a.position",
                AttachmentRows::allocation);
    }

    @Override
    public void restore(List<Allocation> allocations) {
        Map<AttachmentKey, List<Allocation>> byAttachment = allocations.stream()
                .collect(Collectors.groupingBy(
                        allocation -> new AttachmentKey(allocation.containerId(), allocation.ifName())));
        file.durably(session -> {
            byAttachment.forEach((key, held) -> restore(session, key, notFreedHere(session, held)));
            return byAttachment.size();
        });
        notifyListeners();
    }

    @Override
    public void renewStoreId(String newStoreId, List<Allocation> held, Instant at) {
        file.durably(session -> {
            List<LedgerEvent> freed = pending(session, Integer.MAX_VALUE).stream()
                    .filter(event -> event.type() == LedgerEvent.Type.FREED)
                    .toList();
            session.update("UPDATE store SET store_id = ?, introduced = 0", newStoreId);
            session.update("DELETE FROM outbox");
            session.update("DELETE FROM sqlite_sequence WHERE name = 'outbox'");
            freed.forEach(event -> add(session, event.type(), event.at(), event.allocation()));
            notFreedHere(session, held).forEach(allocation -> takeOver(session, allocation));
            live(session).forEach(allocation -> add(session, LedgerEvent.Type.ALLOCATED, at, allocation));
            reloadBacklog(session);
            return freed.size();
        });
        storeId = newStoreId;
        notifyListeners();
    }

    private void takeOver(SqliteSession session, Allocation allocation) {
        var key = new AttachmentKey(allocation.containerId(), allocation.ifName());
        if (freedByDeletion(session, key, List.of(allocation))) {
            return;
        }
        if (AttachmentRows.find(session, key).isEmpty()) {
            insertUnknown(session, key, allocation);
        }
        AttachmentRows.insertInstead(session, allocation);
    }

    /// Without allocations whose FREED event is pending, which the ledger still shows as held.
    private List<Allocation> notFreedHere(SqliteSession session, List<Allocation> held) {
        return held.stream()
                .filter(allocation -> session.query(
                                "SELECT 1 FROM outbox WHERE type = 'FREED' AND allocation = ?",
                                row -> row.number(1),
                                json.writeValueAsString(allocation))
                        .isEmpty())
                .toList();
    }

    private void restore(SqliteSession session, AttachmentKey key, List<Allocation> held) {
        if (held.isEmpty() || AttachmentRows.find(session, key).isPresent() || freedByDeletion(session, key, held)) {
            return;
        }
        insertUnknown(session, key, held.getFirst());
        for (int position = 0; position < held.size(); position++) {
            AttachmentRows.insertIfFree(session, held.get(position), position);
        }
    }

    /// Adds the FREED events of an attachment that was deleted here before it was known.
    private boolean freedByDeletion(SqliteSession session, AttachmentKey key, List<Allocation> held) {
        var deleted = AttachmentRows.deletedAt(session, key);
        deleted.ifPresent(at -> held.forEach(allocation -> add(session, LedgerEvent.Type.FREED, at, allocation)));
        return deleted.isPresent();
    }

    private static void insertUnknown(SqliteSession session, AttachmentKey key, Allocation allocation) {
        var intent = new Intent(key, allocation.network(), Sandbox.UNKNOWN, allocation.pod(), "", "");
        AttachmentRows.insert(session, intent, Attachment.State.ATTACHED, "");
    }
}
