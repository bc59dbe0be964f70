package io.multinic.agent.journal;

import io.multinic.agent.address.AddressRequest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Store of the attachments of this node and the addresses that they hold. Concurrent calls are serialised.
///
/// Two attachments never hold the same address of a network. Every change of an address of a complete attachment adds
/// its event to the [Outbox] in the same transaction; an ADD that fails adds none. Results of methods marked
/// *durable* survive a power loss, those of the others a crash of the process.
public interface AllocationStore {
    /// Allocates addresses with [io.multinic.agent.address.BlockAllocator], records intent and addresses; durable.
    ///
    /// If the pod has attachments in sandboxes of an earlier boot of the node, which are gone, their addresses
    /// are freed in the same transaction, so that the pod can have them again. These attachments stay recorded.
    ///
    /// @throws io.multinic.contract.error.MultiNicException INVALID_NETWORK_CONFIG if the ledger would reject an
    ///     event of it, which would block all later events; nothing is recorded
    BeginResult begin(Intent intent, AddressRequest request);

    /// Marks an attachment whose interfaces exist as complete, and adds the ALLOCATED events of its addresses, dated
    /// with the time of [#begin].
    ///
    /// @param result of the ADD
    /// @throws IllegalStateException if there is no such attachment, or its DEL has started
    void attached(AttachmentKey key, String result);

    /// Marks an attachment whose DEL has started. Unknown keys are ignored.
    void detaching(AttachmentKey key);

    /// Removes an attachment that was not completed and frees its addresses; the key may be used again; durable.
    /// Unknown keys are ignored.
    ///
    /// @param unused interfaces in the pod whose addresses were never on a link; these addresses need no rest
    void undone(AttachmentKey key, Instant at, Set<String> unused);

    /// Removes a deleted attachment, frees its addresses and leaves a tombstone, which makes a later ADD of the key
    /// fail; durable. An unknown key gets a tombstone too, because its ADD may arrive later.
    void detached(AttachmentKey key, Instant at);

    /// True once the first session of a new journal has restored the addresses that the ledger shows as held on
    /// this node. No attachment can begin before.
    boolean restored();

    Optional<Attachment> find(AttachmentKey key);

    /// All attachments, the oldest first.
    List<Attachment> attachments();

    /// Deletes tombstones and freed addresses that are older than `time`. A freed address is kept where that bounds
    /// the search for a new one; their number is bounded for each block, and the oldest are deleted first.
    ///
    /// @param resting addresses that were freed at this time or later still rest and are kept; not before `time`
    void forget(Instant time, Instant resting);
}
