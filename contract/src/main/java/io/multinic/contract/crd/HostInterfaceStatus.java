package io.multinic.contract.crd;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// State of the kernel as the node's agent observed it after its last reconciliation.
///
/// @param conditions AttachmentsIntact: the interfaces, addresses and routes of all pods are as attached.
///     ForwardingPermitted: the node's packet filter forwards the packets of routed pods
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record HostInterfaceStatus(
        @Nullable Long planRevision,
        List<NetworkObservation> networks,
        @Nullable String lastSyncTime,
        List<Condition> conditions) {

    public HostInterfaceStatus {
        networks = networks == null ? List.of() : List.copyOf(networks);
        conditions = conditions == null ? List.of() : List.copyOf(conditions);
    }

    public HostInterfaceStatus(
            @Nullable Long planRevision, List<NetworkObservation> networks, @Nullable String lastSyncTime) {
        this(planRevision, networks, lastSyncTime, List.of());
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
