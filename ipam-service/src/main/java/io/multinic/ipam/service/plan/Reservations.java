package io.multinic.ipam.service.plan;

import io.multinic.contract.address.AddressRange;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.AuditAction;
import io.multinic.contract.wire.Page;
import io.multinic.contract.wire.Reservation;
import io.multinic.contract.wire.ReservationRequest;
import io.multinic.ipam.service.LookupErrors;
import io.multinic.ipam.service.Pages;
import io.multinic.ipam.store.NetworkRecord;
import io.multinic.ipam.store.audit.AdminChange;
import io.multinic.ipam.store.audit.AuditEvents;
import io.multinic.ipam.store.plan.NetworkStore;
import io.multinic.ipam.store.plan.PlanLock;
import io.multinic.ipam.store.plan.PlanTransactions;
import io.multinic.ipam.store.plan.ReservationStore;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reservations: address ranges that are not assigned to pods. Agents get them with their plans; a pod that holds a
/// reserved address keeps it.
public final class Reservations {
    private static final Logger log = LoggerFactory.getLogger(Reservations.class);
    private static final int MAX_OF_A_NETWORK = 10_000;

    private final PlanTransactions transactions;
    private final NetworkStore networks;
    private final ReservationStore reservations;
    private final AuditEvents audit;

    public Reservations(
            PlanTransactions transactions, NetworkStore networks, ReservationStore reservations, AuditEvents audit) {
        this.transactions = transactions;
        this.networks = networks;
        this.reservations = reservations;
        this.audit = audit;
    }

    /// @param isNew false if the same reservation existed
    public record Made(Reservation reservation, boolean isNew) {}

    /// Reserves the addresses. Repeating it changes nothing.
    ///
    /// @param caller subject for the audit
    /// @throws MultiNicException NETWORK_UNKNOWN, or RESERVATION_REFUSED if another reservation overlaps the range,
    ///     the network does not contain all of it, or the network has too many reservations
    public Made make(String networkName, ReservationRequest request, String caller) {
        return transactions.changePlan(lock -> {
            NetworkRecord network = require(networkName);
            Optional<Reservation> other = reservations.overlapping(network, request.range());
            if (other.isPresent()) {
                if (isSame(other.get(), request)) {
                    return new Made(other.get(), false);
                }
                throw refused(
                        network,
                        request,
                        "reservation " + ReservationText.name(other.get()) + " has some of it; remove that first");
            }
            requireRoom(network, request);
            Reservation made = reservations.insert(lock, network, request, caller);
            changed(lock, network, made, AuditAction.RESERVATION_MADE, made.reason(), caller);
            return new Made(made, true);
        });
    }

    private static boolean isSame(Reservation other, ReservationRequest request) {
        return ReservationText.range(other).equals(request.range())
                && other.owner().equals(request.owner())
                && other.reason().equals(request.reason())
                && Objects.equals(other.heldFor(), request.heldFor());
    }

    private void requireRoom(NetworkRecord network, ReservationRequest request) {
        if (!reservations.isWithin(network, request.range())) {
            throw refused(
                    network,
                    request,
                    "it is not within one of the network's subnets, or interface blocks where it has no subnet; they are"
                            + " in GET /api/v1/networks/" + network.name());
        }
        if (reservations.count(network) >= MAX_OF_A_NETWORK) {
            throw refused(
                    network,
                    request,
                    "the network has " + MAX_OF_A_NETWORK
                            + " reservations, and cannot have more; reserve larger ranges, or use excludes");
        }
    }

    private static MultiNicException refused(NetworkRecord network, ReservationRequest request, String reason) {
        return new MultiNicException(
                ErrorCode.RESERVATION_REFUSED,
                "network " + network.name() + ": range " + request.range() + " cannot be reserved: " + reason);
    }

    /// Reservations in the order of their addresses.
    ///
    /// @param cursor `next` of the previous page; empty for the first one
    /// @throws MultiNicException NETWORK_UNKNOWN
    public Page<Reservation> list(String networkName, ReservationStore.Filter filter, int limit, String cursor) {
        return Pages.of(
                transactions.read(() -> reservations.find(require(networkName), filter, cursor, limit + 1)),
                limit,
                reservation -> reservation.first().toString());
    }

    /// Removes the reservation. Has no effect if it does not exist.
    ///
    /// @param caller subject for the audit
    /// @throws MultiNicException NETWORK_UNKNOWN
    public void remove(String networkName, long id, String caller) {
        transactions.changePlan(lock -> {
            NetworkRecord network = require(networkName);
            reservations.find(network, id).ifPresent(reservation -> {
                reservations.delete(lock, reservation);
                changed(lock, network, reservation, AuditAction.RESERVATION_REMOVED, null, caller);
            });
            return id;
        });
    }

    private void changed(
            PlanLock lock,
            NetworkRecord network,
            Reservation reservation,
            AuditAction action,
            @Nullable String why,
            String caller) {
        AddressRange range = ReservationText.range(reservation);
        reservations.raiseNodes(lock, network, range);
        audit.record(new AdminChange(
                caller, action, network.name(), null, range.toString(), why, ReservationText.details(reservation)));
        log.atInfo()
                .addKeyValue("network", network.name())
                .addKeyValue("range", range)
                .addKeyValue("owner", reservation.owner())
                .addKeyValue("revision", lock.revision())
                .log(action == AuditAction.RESERVATION_MADE ? "addresses reserved" : "reservation removed");
    }

    private NetworkRecord require(String name) {
        return networks.find(name).orElseThrow(() -> LookupErrors.networkUnknown(name));
    }
}
