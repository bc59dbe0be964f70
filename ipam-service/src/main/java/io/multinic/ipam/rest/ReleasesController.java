package io.multinic.ipam.rest;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.AllocationInterval;
import io.multinic.contract.wire.ReleaseProof;
import io.multinic.contract.wire.ReleaseRequest;
import io.multinic.ipam.service.ledger.Releases;
import java.security.Principal;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/v1/networks/{name}/addresses/{ip}/release")
class ReleasesController {
    private final Releases releases;

    ReleasesController(Releases releases) {
        this.releases = releases;
    }

    @Refuses({ErrorCode.NETWORK_UNKNOWN, ErrorCode.ADDRESS_NOT_HELD})
    @PostMapping
    AllocationInterval release(
            @PathVariable String name,
            @PathVariable String ip,
            @RequestBody ReleaseRequest request,
            @Nullable Principal principal) {
        Params.requireAtMost(Params.MAX_PROOFS, request.proofs().size(), "proofs");
        for (ReleaseProof proof : request.proofs()) {
            Params.requireText(proof.by(), "proofs.by");
        }
        if (request.reason() != null) {
            Params.requireText(request.reason(), "reason");
        } else if (request.forced()) {
            throw new MultiNicException(ErrorCode.INVALID_REQUEST, "reason is missing; force needs one");
        }
        if (request.containerId() != null) {
            Params.requireName(request.containerId(), "containerId");
        }
        return releases.release(
                Params.requireName(name, "name"), Params.requireAddress(ip, "ip"), request, Params.caller(principal));
    }
}
