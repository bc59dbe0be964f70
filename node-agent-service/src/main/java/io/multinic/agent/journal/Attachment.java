package io.multinic.agent.journal;

import io.multinic.contract.wire.Allocation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An attachment as it is recorded, with the addresses that it holds.
///
/// @param result what was answered; null until the attachment is complete
/// @param allocations in the order in which they were granted
public record Attachment(
        Intent intent, State state, @Nullable String result, List<Allocation> allocations) {
    public Attachment {
        allocations = List.copyOf(allocations);
    }

    /// How far it has come. Whatever is not ATTACHED after a crash is undone or finished at the next start.
    public enum State {
        /// Recorded; interfaces may exist.
        INTENT,
        /// All interfaces exist and the result is recorded.
        ATTACHED,
        /// DEL has begun; interfaces may be gone.
        DETACHING
    }

    public AttachmentKey key() {
        return intent.key();
    }
}
