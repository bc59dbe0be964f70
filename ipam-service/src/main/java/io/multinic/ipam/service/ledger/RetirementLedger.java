package io.multinic.ipam.service.ledger;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.ipam.store.NodeRecord;
import io.multinic.ipam.store.ledger.HoldingQueries;
import io.multinic.ipam.store.ledger.SessionStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/// Ends what a node holds when it is retired, if it may end.
public final class RetirementLedger {
    private final SessionStore sessions;
    private final HoldingQueries holdings;
    private final LedgerWriter books;
    private final InstantSource clock;
    private final Duration silentAfter;

    /// @param silentAfter a node that is said to be gone must have been silent for this long
    public RetirementLedger(
            SessionStore sessions,
            HoldingQueries holdings,
            LedgerWriter books,
            InstantSource clock,
            Duration silentAfter) {
        this.sessions = sessions;
        this.holdings = holdings;
        this.books = books;
        this.clock = clock;
        this.silentAfter = silentAfter;
    }

    /// @param at when all ended that the node held
    /// @param lastHeard of its agent; null if it never spoke
    public record Departure(
            Instant at, long addressesEnded, @Nullable Instant lastHeard) {}

    /// Within the caller's transaction.
    ///
    /// @param gone the caller has proven that the node has left the cluster for good
    /// @throws MultiNicException IN_USE while its pods hold addresses, or, with `gone`, while its agent speaks
    public Departure end(NodeRecord node, boolean gone) {
        // A batch that is being stored may bring an allocation: wait for it, then look.
        sessions.lock(node);
        Instant now = clock.instant();
        long open = holdings.openAddresses(node);
        Instant heard = sessions.lastHeard(node).orElse(null);
        if (gone) {
            requireSilence(node, heard, now);
        } else if (open > 0) {
            throw new MultiNicException(
                    ErrorCode.IN_USE,
                    "node " + node.name() + " (" + node.uid() + "): " + open
                            + " addresses are in use; delete its pods first, or, if the node has left the cluster for"
                            + " good, retire it with gone=true");
        }
        books.endAll(node, now);
        return new Departure(now, open, heard);
    }

    /// The second proof is the ledger's own: an agent that speaks runs on a machine that is there.
    private void requireSilence(NodeRecord node, @Nullable Instant heard, Instant now) {
        if (heard == null) {
            return;
        }
        Duration left = Duration.between(now, heard.plus(silentAfter));
        if (left.isPositive()) {
            throw new MultiNicException(
                    ErrorCode.IN_USE,
                    "node " + node.name() + " (" + node.uid() + ") is said to be gone, but its agent spoke at "
                            + heard
                            + "; that nothing was heard of it for " + silentAfter.toSeconds()
                            + " s must be seen too: try again in " + (left.toSeconds() + 1) + " s");
        }
    }
}
