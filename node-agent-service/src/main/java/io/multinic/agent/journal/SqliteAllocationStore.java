package io.multinic.agent.journal;

import io.multinic.agent.address.AddressRequest;
import io.multinic.agent.address.BlockAllocator;
import io.multinic.agent.address.Decision;
import io.multinic.agent.address.Decision.Grant;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.LedgerEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Attachments in the journal's file.
final class SqliteAllocationStore implements AllocationStore {
    private final SqliteFile file;
    private final SqliteOutbox outbox;

    SqliteAllocationStore(SqliteFile file, SqliteOutbox outbox) {
        this.file = file;
        this.outbox = outbox;
    }

    @Override
    public BeginResult begin(Intent intent, AddressRequest request) {
        BeginResult result = file.hold(session -> begin(session, intent, request));
        outbox.notifyListeners();
        return result;
    }

    BeginResult begin(SqliteSession session, Intent intent, AddressRequest request) {
        var key = intent.key();
        var existing = AttachmentRows.find(session, key);
        if (existing.isPresent()) {
            return new BeginResult.Existing(existing.get());
        }
        var deletedAt = AttachmentRows.deletedAt(session, key);
        if (deletedAt.isPresent()) {
            return new BeginResult.Deleted(key, deletedAt.get());
        }
        if (!restored(session)) {
            return new BeginResult.NotRestored();
        }
        for (AttachmentKey replaced : AttachmentRows.ofEarlierBoots(session, intent)) {
            free(session, replaced, request.now(), Set.of());
        }
        return switch (BlockAllocator.decide(request, SqliteBlock.source(session, request.network()))) {
            case Decision.Refusal refusal -> new BeginResult.Refused(refusal);
            case Decision.Granted granted -> record(session, intent, granted.grants(), request.now());
        };
    }

    private BeginResult record(SqliteSession session, Intent intent, List<Grant> grants, Instant now) {
        AttachmentRows.insert(session, intent, Attachment.State.INTENT, null);
        List<Allocation> allocations = new ArrayList<>();
        for (int position = 0; position < grants.size(); position++) {
            Allocation allocation = intent.allocation(grants.get(position));
            FreedAddresses.grant(session, allocation, position, now);
            allocations.add(allocation);
        }
        return new BeginResult.Recorded(new Attachment(intent, Attachment.State.INTENT, null, allocations));
    }

    /// Not durable: after a power loss the attachment is an intent again and is undone, which is right because its
    /// sandbox is gone.
    @Override
    public void attached(AttachmentKey key, String result) {
        file.quickly(session -> {
            int changed = session.update("""
                    UPDATE attachment SET state = 'ATTACHED', result = ? \
                    WHERE container_id = ? AND if_name = ? AND state <> 'DETACHING'""", result, key.containerId(), key.ifName());
            if (changed == 0) {
                throw new IllegalStateException("no attachment " + key + " is being made");
            }
            return report(session, key);
        });
        outbox.notifyListeners();
    }

    private int report(SqliteSession session, AttachmentKey key) {
        for (Allocation allocation : AttachmentRows.unreported(session, key)) {
            outbox.add(session, LedgerEvent.Type.ALLOCATED, FreedAddresses.grantedAt(session, allocation), allocation);
        }
        return session.update(
                "UPDATE allocation SET granted_at = NULL WHERE container_id = ? AND if_name = ?",
                key.containerId(),
                key.ifName());
    }

    /// Not durable: the commit that ends the deletion is.
    @Override
    public void detaching(AttachmentKey key) {
        file.prepareRelease(session -> session.update(
                "UPDATE attachment SET state = 'DETACHING' WHERE container_id = ? AND if_name = ?",
                key.containerId(),
                key.ifName()));
    }

    @Override
    public void undone(AttachmentKey key, Instant at, Set<String> unused) {
        file.release(session -> remove(session, key, at, unused));
        outbox.notifyListeners();
    }

    @Override
    public void detached(AttachmentKey key, Instant at) {
        file.release(session -> {
            session.update(
                    "INSERT OR REPLACE INTO tombstone (container_id, if_name, deleted_at) VALUES (?, ?, ?)",
                    key.containerId(),
                    key.ifName(),
                    SqliteSession.micros(at));
            return remove(session, key, at, Set.of());
        });
        outbox.notifyListeners();
    }

    private int remove(SqliteSession session, AttachmentKey key, Instant at, Set<String> unused) {
        free(session, key, at, unused);
        return session.update(
                "DELETE FROM attachment WHERE container_id = ? AND if_name = ?", key.containerId(), key.ifName());
    }

    private void free(SqliteSession session, AttachmentKey key, Instant at, Set<String> unused) {
        var unreported = Set.copyOf(AttachmentRows.unreported(session, key));
        for (Allocation allocation : AttachmentRows.allocations(session, key)) {
            FreedAddresses.free(session, allocation, at, unused.contains(allocation.podInterface()));
            if (!unreported.contains(allocation)) {
                outbox.add(session, LedgerEvent.Type.FREED, at, allocation);
            }
        }
    }

    @Override
    public boolean restored() {
        return file.read(SqliteAllocationStore::restored);
    }

    private static boolean restored(SqliteSession session) {
        return session.query("SELECT introduced FROM store", row -> row.number(1))
                        .getFirst()
                == 1;
    }

    @Override
    public Optional<Attachment> find(AttachmentKey key) {
        return file.read(session -> AttachmentRows.find(session, key));
    }

    @Override
    public List<Attachment> attachments() {
        return file.read(AttachmentRows::all);
    }

    @Override
    public void forget(Instant time, Instant resting) {
        file.quickly(session -> session.update("DELETE FROM tombstone WHERE deleted_at < ?", SqliteSession.micros(time))
                + FreedAddresses.forget(session, time, resting));
    }
}
