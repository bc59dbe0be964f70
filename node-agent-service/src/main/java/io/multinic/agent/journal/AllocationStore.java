package io.multinic.agent.journal;

import io.multinic.agent.address.AddressRequest;
import io.multinic.agent.address.BlockAllocator;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The attachments of this node and the addresses that they hold; it settles races.
///
/// Two attachments never hold one address of a network. Every change of an address puts its event into the [Outbox] in
/// the same transaction. What the methods marked *durable* have returned survives a power loss, the others a crash of
/// the process.
public interface AllocationStore {
    /// Decides by [BlockAllocator] and records intent, addresses and events; durable.
    ///
    /// @throws io.multinic.contract.error.MultiNicException INVALID_NETWORK_CONFIG if the ledger would
    ///     refuse an event of it, and with it all that come after; nothing is recorded
    BeginResult begin(Intent intent, AddressRequest request);

    /// The interfaces exist; `result` is what was answered.
    ///
    /// @throws IllegalStateException if there is no such attachment, or DEL has begun
    void attached(AttachmentKey key, String result);

    /// DEL has begun. Unknown keys are no error.
    void detaching(AttachmentKey key);

    /// The attachment never came to be: it and its addresses go, and the key may be used again; durable. Unknown keys
    /// are no error.
    void undone(AttachmentKey key, Instant at);

    /// The attachment is gone and must not come back; its addresses are free; durable. An unknown key is remembered
    /// too: its ADD may still be on the way.
    void detached(AttachmentKey key, Instant at);

    /// Whether the ledger has told a new journal what is held on this node; before that nothing can begin.
    boolean restored();

    Optional<Attachment> find(AttachmentKey key);

    /// All attachments, the oldest first.
    List<Attachment> attachments();

    /// Drops the memory of deleted keys and of rested addresses from before `time`.
    void forget(Instant time);
}
