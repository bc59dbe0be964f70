package io.multinic.ipam.rest;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.wire.Page;
import io.multinic.contract.wire.Reservation;
import io.multinic.contract.wire.ReservationRequest;
import io.multinic.ipam.service.plan.Reservations;
import io.multinic.ipam.store.plan.ReservationStore;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.security.Principal;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/v1/networks/{name}/reservations")
class ReservationsController {
    private final Reservations reservations;

    ReservationsController(Reservations reservations) {
        this.reservations = reservations;
    }

    @Refuses(ErrorCode.NETWORK_UNKNOWN)
    @GetMapping
    Page<Reservation> list(
            @PathVariable String name,
            @RequestParam(required = false) @Nullable String owner,
            @RequestParam(required = false) @Nullable String heldFor,
            @RequestParam(required = false) @Nullable String address,
            @RequestParam(defaultValue = Params.DEFAULT_LIMIT) int limit,
            @RequestParam(defaultValue = "") String cursor) {
        var filter = new ReservationStore.Filter(
                Params.optionalName(owner, "owner"),
                heldFor == null ? null : Params.requirePods(heldFor, "heldFor"),
                address == null ? null : Params.requireAddress(address, "address"));
        return reservations.list(
                Params.requireName(name, "name"),
                filter,
                Params.requireLimit(limit),
                Params.requireAddressCursor(cursor));
    }

    /// 201 for a new reservation, 200 if the same one existed.
    @ApiResponse(responseCode = "200", description = "it was there", useReturnTypeSchema = true)
    @ApiResponse(responseCode = "201", description = "it is new", useReturnTypeSchema = true)
    @Refuses({ErrorCode.NETWORK_UNKNOWN, ErrorCode.RESERVATION_REFUSED})
    @PostMapping
    ResponseEntity<Reservation> make(
            @PathVariable String name, @RequestBody ReservationRequest request, @Nullable Principal principal) {
        Params.requireText(request.reason(), "reason");
        Params.requireName(request.owner(), "owner");
        if (request.heldFor() != null) {
            Params.requirePods(request.heldFor(), "heldFor");
        }
        var made = reservations.make(Params.requireName(name, "name"), request, Params.caller(principal));
        return ResponseEntity.status(made.isNew() ? HttpStatus.CREATED : HttpStatus.OK)
                .body(made.reservation());
    }

    @Refuses(ErrorCode.NETWORK_UNKNOWN)
    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void remove(@PathVariable String name, @PathVariable long id, @Nullable Principal principal) {
        reservations.remove(Params.requireName(name, "name"), id, Params.caller(principal));
    }
}
