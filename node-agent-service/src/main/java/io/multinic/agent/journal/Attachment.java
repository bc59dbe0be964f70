package io.multinic.agent.journal;

import io.multinic.contract.wire.Allocation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A recorded attachment with the addresses that it holds.
///
/// @param result of the ADD; null until the attachment is complete
/// @param allocations in the order in which they were granted
public record Attachment(
        Intent intent, State state, @Nullable String result, List<Allocation> allocations) {
    public Attachment {
        allocations = List.copyOf(allocations);
    }

    /// State of an attachment. After a crash, an attachment that is not ATTACHED is finished or undone at the next
    /// start.
    public enum State {
        /// Recorded; interfaces may exist.
        INTENT,
        /// All interfaces exist and the result is recorded.
        ATTACHED,
        /// DEL has started; interfaces may not exist any more.
        DETACHING
    }

    /// True if it was restored from the ledger: its sandbox and its driver are unknown.
    public boolean restored() {
        return intent.sandbox().equals(Sandbox.UNKNOWN);
    }

    public AttachmentKey key() {
        return intent.key();
    }
}
