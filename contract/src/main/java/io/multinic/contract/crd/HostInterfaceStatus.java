package io.multinic.contract.crd;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the agent of the node has seen in the kernel after its last reconciliation.
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record HostInterfaceStatus(
        @Nullable Long planRevision,
        List<NetworkObservation> networks,
        @Nullable String lastSyncTime) {

    public HostInterfaceStatus {
        networks = networks == null ? List.of() : List.copyOf(networks);
    }

    /// One network on this node: how many blocks it has, how many routes it should have and has; `message` is empty
    /// when all is well, else it names the object and the remedy.
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record NetworkObservation(
            @Nullable String name,
            int blocks,
            int routesWanted,
            int routesPresent,
            @Nullable String message) {}
}
