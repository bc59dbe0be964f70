package io.multinic.contract.wire;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Completeness of the ledger: its content for moments after `asOf` may still change.
///
/// @param asOf moment up to which every node that ever had a session, and is not retired, has reported; absent if one
///     of them never has, or there is none
/// @param behindCount number of nodes whose last report is too old
/// @param behind of these the ones that are furthest behind, at most `MAX_BEHIND`
public record Completeness(@Nullable Instant asOf, long behindCount, List<Behind> behind) {
    public static final int MAX_BEHIND = 10;

    public Completeness {
        behind = List.copyOf(behind);
    }

    /// A node whose last report is too old; `reported` is the moment that it covered, absent if it never reported.
    public record Behind(
            String node, String nodeUid, @Nullable Instant reported) {}
}
