package io.multinic.agent.journal;

import io.multinic.agent.address.AddressRequest;
import io.multinic.agent.address.BlockAllocator;
import io.multinic.agent.address.BlockUse;
import io.multinic.agent.address.Decision;
import io.multinic.agent.address.Decision.Grant;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.NicBlock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Attachments in the journal's file.
final class SqliteAllocationStore implements AllocationStore {
    /// Number of freed addresses that are remembered. Older ones count as never used, which is harmless; so a block of
    /// 2^64 addresses needs no more space than one of a few thousand.
    private static final int MAX_RESTING = 4_096;

    private final SqliteFile file;
    private final SqliteOutbox outbox;

    SqliteAllocationStore(SqliteFile file, SqliteOutbox outbox) {
        this.file = file;
        this.outbox = outbox;
    }

    @Override
    public BeginResult begin(Intent intent, AddressRequest request) {
        BeginResult result = file.durably(session -> begin(session, intent, request));
        outbox.notifyListeners();
        return result;
    }

    private BeginResult begin(SqliteSession session, Intent intent, AddressRequest request) {
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
        return switch (BlockAllocator.decide(request, use(session, request))) {
            case Decision.Refusal refusal -> new BeginResult.Refused(refusal);
            case Decision.Granted granted -> record(session, intent, granted.grants(), request.now());
        };
    }

    private static Map<Cidr, BlockUse> use(SqliteSession session, AddressRequest request) {
        Map<Cidr, BlockUse> use = new HashMap<>();
        for (NicBlock block : request.blocks()) {
            use.put(block.podBlock(), AttachmentRows.use(session, request.network(), block.podBlock()));
        }
        return use;
    }

    private BeginResult record(SqliteSession session, Intent intent, List<Grant> grants, Instant now) {
        AttachmentRows.insert(session, intent, Attachment.State.INTENT, null);
        List<Allocation> allocations = new ArrayList<>();
        for (int position = 0; position < grants.size(); position++) {
            Allocation allocation = intent.allocation(grants.get(position));
            AttachmentRows.insert(session, allocation, position);
            allocations.add(allocation);
            session.update(
                    "DELETE FROM rest WHERE network = ? AND address = ?",
                    allocation.network(),
                    allocation.address().bytes());
            outbox.add(session, LedgerEvent.Type.ALLOCATED, now, allocation);
        }
        return new BeginResult.Recorded(new Attachment(intent, Attachment.State.INTENT, null, allocations));
    }

    /// Not durable: after a power loss the attachment is an intent again and is undone, which is right because its
    /// sandbox is gone.
    @Override
    public void attached(AttachmentKey key, String result) {
        int changed = file.quickly(session -> session.update("""
            UPDATE attachment SET state = 'ATTACHED', result = ? \
            WHERE container_id = ? AND if_name = ? AND state <> 'DETACHING'\
            """, result, key.containerId(), key.ifName()));
        if (changed == 0) {
            throw new IllegalStateException("no attachment " + key + " is being made");
        }
    }

    /// Not durable: the commit that ends the deletion is.
    @Override
    public void detaching(AttachmentKey key) {
        file.quickly(session -> session.update(
                "UPDATE attachment SET state = 'DETACHING' WHERE container_id = ? AND if_name = ?",
                key.containerId(),
                key.ifName()));
    }

    @Override
    public void undone(AttachmentKey key, Instant at) {
        file.durably(session -> remove(session, key, at));
        outbox.notifyListeners();
    }

    @Override
    public void detached(AttachmentKey key, Instant at) {
        file.durably(session -> {
            session.update(
                    "INSERT OR REPLACE INTO tombstone (container_id, if_name, deleted_at) VALUES (?, ?, ?)",
                    key.containerId(),
                    key.ifName(),
                    AddressColumns.micros(at));
            return remove(session, key, at);
        });
        outbox.notifyListeners();
    }

    private int remove(SqliteSession session, AttachmentKey key, Instant at) {
        for (Allocation allocation : AttachmentRows.allocations(session, key)) {
            byte[] address = allocation.address().bytes();
            session.update("DELETE FROM allocation WHERE network = ? AND address = ?", allocation.network(), address);
            session.update(
                    "INSERT OR REPLACE INTO rest (network, address, freed_at) VALUES (?, ?, ?)",
                    allocation.network(),
                    address,
                    AddressColumns.micros(at));
            outbox.add(session, LedgerEvent.Type.FREED, at, allocation);
        }
        session.update("DELETE FROM rest WHERE turn <= (SELECT max(turn) FROM rest) - ?", MAX_RESTING);
        return session.update(
                "DELETE FROM attachment WHERE container_id = ? AND if_name = ?", key.containerId(), key.ifName());
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
    public void forget(Instant time) {
        file.quickly(session -> session.update("DELETE FROM tombstone WHERE deleted_at < ?", micros(time))
                + session.update("DELETE FROM rest WHERE freed_at < ?", micros(time)));
    }

    private static long micros(Instant time) {
        return AddressColumns.micros(time);
    }
}
