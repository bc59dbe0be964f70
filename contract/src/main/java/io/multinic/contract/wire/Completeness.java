package io.multinic.contract.wire;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How far the ledger can be relied on: what it says of moments after `asOf` may still change.
///
/// @param asOf up to when every node that ever had a session, and is not retired, has reported; absent if one of them
///     never has, or there is none
/// @param behindCount how many nodes have not reported for longer than they should
/// @param behind of these the ones that are furthest behind, at most `MAX_BEHIND`
public record Completeness(@Nullable Instant asOf, long behindCount, List<Behind> behind) {
    public static final int MAX_BEHIND = 10;

    public Completeness {
        behind = List.copyOf(behind);
    }

    /// A node that does not report; `reported` is up to when it last did, absent if it never has.
    public record Behind(
            String node, String nodeUid, @Nullable Instant reported) {}
}
