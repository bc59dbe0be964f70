package io.multinic.contract.crd;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// State of the kernel as the node's agent observed it after its last reconciliation.
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record HostInterfaceStatus(
        @Nullable Long planRevision,
        List<NetworkObservation> networks,
        @Nullable String lastSyncTime) {

    public HostInterfaceStatus {
        networks = networks == null ? List.of() : List.copyOf(networks);
    }

    /// One network on this node: the number of its blocks and the number of routes wanted and present; `message` is
    /// empty if there is no problem, else it names the object and the remedy.
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record NetworkObservation(
            @Nullable String name,
            int blocks,
            int routesWanted,
            int routesPresent,
            @Nullable String message) {}
}
