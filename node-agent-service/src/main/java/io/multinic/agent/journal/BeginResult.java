package io.multinic.agent.journal;

import io.multinic.agent.address.Decision;
import java.time.Instant;

/// Result of [AllocationStore#begin]; only [Recorded] changes the store.
public sealed interface BeginResult {
    /// The intent and its addresses are recorded.
    record Recorded(Attachment attachment) implements BeginResult {}

    /// An attachment with the key exists; it is unchanged.
    record Existing(Attachment attachment) implements BeginResult {}

    /// The attachment with the key was deleted, and the key cannot be used again.
    record Deleted(AttachmentKey key, Instant at) implements BeginResult {}

    /// The journal is new and has not been restored from the ledger: no address can be allocated yet.
    record NotRestored() implements BeginResult {}

    /// The allocator refused.
    record Refused(Decision.Refusal refusal) implements BeginResult {}
}
