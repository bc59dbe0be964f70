package io.multinic.controller.kubernetes;

import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.QuarantineState;
import io.multinic.controller.ipam.IpamClient;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sees that the database of ipam-service may have lost commits, and has everything put to it again.
///
/// Nothing happens in the cluster then that would bring a node or a network whose PUT was lost, and ipam-service waits
/// for nodes that it knows only. Every loss begins a quarantine, so a quarantine is what is looked for. Not for use by
/// several threads.
public final class LostCommits {
    private static final Logger LOG = LoggerFactory.getLogger(LostCommits.class);

    private final IpamClient ipam;
    private final List<Runnable> putAgain;
    private @Nullable Seen seen;

    private record Seen(int generation, @Nullable Instant since) {
        static Seen of(QuarantineState state) {
            return new Seen(state.generation(), state.since());
        }
    }

    /// @param putAgain each has all objects of one kind reconciled
    public LostCommits(IpamClient ipam, List<Runnable> putAgain) {
        this.ipam = ipam;
        this.putAgain = List.copyOf(putAgain);
    }

    /// One look. Whether a quarantine has begun since the last one that was answered; the first one only remembers,
    /// since everything is reconciled at the start.
    public boolean look() {
        QuarantineState state;
        try {
            state = ipam.quarantine();
        } catch (MultiNicException e) {
            LOG.debug("quarantine not seen; it is looked for again", e);
            return false;
        }
        Seen before = seen;
        seen = Seen.of(state);
        if (before == null || before.equals(seen)) {
            return false;
        }
        LOG.atWarn()
                .addKeyValue("reason", state.reason())
                .log("ipam-service may have lost commits; all networks and nodes are put to it again");
        putAgain.forEach(Runnable::run);
        return true;
    }
}
