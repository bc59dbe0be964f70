package io.multinic.contract.wire;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Request to release an address from its holder: `POST /api/v1/networks/{name}/addresses/{ip}/release`.
///
/// Either `proofs`, two of different kinds with time between, or `force` with a `reason`. With `containerId`, the
/// address is released only if that sandbox holds it.
public record ReleaseRequest(
        List<ReleaseProof> proofs,
        @Nullable Boolean force,
        @Nullable String reason,
        @Nullable String containerId) {

    public ReleaseRequest(
            @Nullable List<ReleaseProof> proofs,
            @Nullable Boolean force,
            @Nullable String reason,
            @Nullable String containerId) {
        this.proofs = proofs == null ? List.of() : List.copyOf(proofs);
        this.force = force;
        this.reason = reason;
        this.containerId = containerId;
    }

    public boolean forced() {
        return force != null && force;
    }
}
