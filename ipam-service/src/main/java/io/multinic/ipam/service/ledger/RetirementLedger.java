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

/// Ledger part of a node's retirement: checks that the node may be retired, and ends its allocations.
public final class RetirementLedger {
    private final SessionStore sessions;
    private final HoldingQueries holdings;
    private final LedgerWriter ledgerWriter;
    private final InstantSource clock;
    private final Duration silentAfter;

    /// @param silentAfter minimum time since the last contact before a node counts as gone
    public RetirementLedger(
            SessionStore sessions,
            HoldingQueries holdings,
            LedgerWriter ledgerWriter,
            InstantSource clock,
            Duration silentAfter) {
        this.sessions = sessions;
        this.holdings = holdings;
        this.ledgerWriter = ledgerWriter;
        this.clock = clock;
        this.silentAfter = silentAfter;
    }

    /// @param at end of the node's intervals
    /// @param lastContact of its agent; null if there was none
    public record Retirement(
            Instant at, long addressesEnded, @Nullable Instant lastContact) {}

    /// Runs within the caller's transaction.
    ///
    /// @param gone the caller has proven that the node has left the cluster for good
    /// @throws MultiNicException IN_USE while its pods hold addresses, or, with `gone`, while its agent is active
    public Retirement end(NodeRecord node, boolean gone) {
        // Waits for a batch in flight, which may contain an allocation.
        sessions.lock(node);
        Instant now = clock.instant();
        long open = holdings.openAddresses(node);
        Instant lastContact = sessions.lastContact(node).orElse(null);
        if (gone) {
            requireNoRecentContact(node, lastContact, now);
        } else if (open > 0) {
            throw new MultiNicException(
                    ErrorCode.IN_USE,
                    "node " + node.name() + " (" + node.uid() + "): " + open
                            + " addresses are in use; delete its pods first, or, if the node has left the cluster for"
                            + " good, retire it with gone=true");
        }
        ledgerWriter.endAll(node, now);
        return new Retirement(now, open, lastContact);
    }

    /// Requires the ledger's own proof besides the caller's: an agent that sends requests runs on a node that
    /// exists.
    private void requireNoRecentContact(NodeRecord node, @Nullable Instant lastContact, Instant now) {
        if (lastContact == null) {
            return;
        }
        Duration left = Duration.between(now, lastContact.plus(silentAfter));
        if (left.isPositive()) {
            throw new MultiNicException(
                    ErrorCode.IN_USE,
                    "node " + node.name() + " (" + node.uid() + ") is said to be gone, but its agent spoke at "
                            + lastContact
                            + "; that nothing was heard of it for " + silentAfter.toSeconds()
                            + " s must be seen too: try again in " + (left.toSeconds() + 1) + " s");
        }
    }
}
