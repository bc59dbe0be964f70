package io.multinic.ipam.service.ledger;

import io.multinic.contract.address.IpAddress;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.AllocationInterval;
import io.multinic.contract.wire.AuditAction;
import io.multinic.contract.wire.ReleaseRequest;
import io.multinic.ipam.ledger.ReleaseProofs;
import io.multinic.ipam.service.LookupErrors;
import io.multinic.ipam.store.Transactions;
import io.multinic.ipam.store.audit.AdminChange;
import io.multinic.ipam.store.audit.AuditEvents;
import io.multinic.ipam.store.ledger.HoldingQueries;
import io.multinic.ipam.store.ledger.HoldingQueries.Holder;
import io.multinic.ipam.store.ledger.SessionStore;
import io.multinic.ipam.store.plan.NetworkStore;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Manual release of addresses.
///
/// Only the ledger changes. A node whose pod still holds the address keeps it: its journal does not assign it twice,
/// and its next event for the address resolves the conflict, see [LedgerFold].
public final class Releases {
    private static final Logger log = LoggerFactory.getLogger(Releases.class);

    private final Transactions transactions;
    private final NetworkStore networks;
    private final HoldingQueries holdings;
    private final SessionStore sessions;
    private final LedgerWriter ledgerWriter;
    private final AuditEvents audit;
    private final InstantSource clock;

    public Releases(
            Transactions transactions,
            NetworkStore networks,
            HoldingQueries holdings,
            SessionStore sessions,
            LedgerWriter ledgerWriter,
            AuditEvents audit,
            InstantSource clock) {
        this.transactions = transactions;
        this.networks = networks;
        this.holdings = holdings;
        this.sessions = sessions;
        this.ledgerWriter = ledgerWriter;
        this.audit = audit;
        this.clock = clock;
    }

    /// Ends the holder's interval now.
    ///
    /// @param caller subject for the audit
    /// @return the interval with its end
    /// @throws MultiNicException NETWORK_UNKNOWN, ADDRESS_NOT_HELD, or INVALID_REQUEST if the proofs are
    ///     insufficient
    public AllocationInterval release(String network, IpAddress address, ReleaseRequest request, String caller) {
        AllocationInterval released = transactions.write(() -> {
            Holder holder = lockedHolder(network, address);
            Allocation held = holder.interval().allocation();
            if (request.containerId() != null && !request.containerId().equals(held.containerId())) {
                throw notHeld(
                        network,
                        address,
                        "is not held by sandbox " + request.containerId() + " but by " + held.pod() + ", sandbox "
                                + held.containerId());
            }
            Instant now = clock.instant();
            if (!request.forced()) {
                requireProofs(request, holder.interval().from(), now);
            }
            Instant end = ledgerWriter.release(holder, now);
            audit.record(released(holder, request, caller));
            return new AllocationInterval(
                    holder.interval().node(), held, holder.interval().from(), end);
        });
        log.atWarn()
                .addKeyValue("network", network)
                .addKeyValue("address", address)
                .addKeyValue("node", released.node())
                .addKeyValue("pod", released.allocation().pod())
                .addKeyValue("forced", request.forced())
                .addKeyValue("caller", caller)
                .log("address released manually");
        return released;
    }

    /// Holder of the address, with its node's session locked: batches of the node are stored before or after the
    /// release.
    private Holder lockedHolder(String network, IpAddress address) {
        Optional<Holder> unlocked = holdings.holder(network, address);
        unlocked.ifPresent(holder -> sessions.lock(holder.nodeId()));
        Optional<Holder> locked = holdings.holder(network, address);
        if (locked.isEmpty()) {
            if (networks.find(network).isEmpty()) {
                throw LookupErrors.networkUnknown(network);
            }
            throw notHeld(network, address, "is held by nobody; its history is at /api/v1/addresses/" + address);
        }
        if (unlocked.isEmpty() || unlocked.get().nodeId() != locked.get().nodeId()) {
            throw new MultiNicException(
                    ErrorCode.TRY_AGAIN_LATER,
                    "network " + network + ": address " + address + " changes hands; look who holds it, and try again");
        }
        return locked.get();
    }

    private static void requireProofs(ReleaseRequest request, Instant from, Instant now) {
        ReleaseProofs.lacking(request.proofs(), from, now).ifPresent(lacking -> {
            throw new MultiNicException(ErrorCode.INVALID_REQUEST, lacking);
        });
    }

    private static AdminChange released(Holder holder, ReleaseRequest request, String caller) {
        AllocationInterval interval = holder.interval();
        Allocation held = interval.allocation();
        Map<String, Object> details = Map.of(
                "holder", held,
                "from", interval.from().toString(),
                "forced", request.forced(),
                "proofs",
                        request.proofs().stream()
                                .map(proof -> Map.of(
                                        "kind", proof.kind().name(),
                                        "observedAt", proof.observedAt().toString(),
                                        "by", proof.by()))
                                .toList());
        return new AdminChange(
                caller,
                AuditAction.ADDRESS_RELEASED,
                held.network(),
                interval.node(),
                held.address().toString(),
                request.reason(),
                details);
    }

    private static MultiNicException notHeld(String network, IpAddress address, String why) {
        return new MultiNicException(
                ErrorCode.ADDRESS_NOT_HELD, "network " + network + ": address " + address + " " + why);
    }
}
