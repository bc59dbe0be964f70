package io.multinic.agent.journal;

import io.multinic.agent.address.Decision;
import java.time.Instant;

/// What became of an intent; only [Recorded] has changed anything.
public sealed interface BeginResult {
    /// The intent and its addresses are on disk.
    record Recorded(Attachment attachment) implements BeginResult {}

    /// The key is taken; the attachment is as it was.
    record Existing(Attachment attachment) implements BeginResult {}

    /// The key was deleted, and must not come back.
    record Deleted(AttachmentKey key, Instant at) implements BeginResult {}

    /// The journal is new, and the ledger has not yet said what is held on this node: nothing is given out until then.
    record NotRestored() implements BeginResult {}

    /// There are no addresses for it.
    record Refused(Decision.Refusal refusal) implements BeginResult {}
}
