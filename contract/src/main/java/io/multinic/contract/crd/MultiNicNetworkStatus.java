package io.multinic.contract.crd;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Observed status of a network.
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonClassDescription("Observed status of the network.")
public record MultiNicNetworkStatus(
        @JsonPropertyDescription("The hosts' networks that the plan uses.")
        List<NetAddress> computeResults,

        @JsonPropertyDescription("Progress of the hosts.") @Nullable
        Discovery discovery,

        @JsonPropertyDescription("State of the definition.") @Nullable
        ConfigStatus configStatus,

        @JsonPropertyDescription("State of the hosts' routes.") @Nullable
        RouteStatus routeStatus,

        @JsonPropertyDescription("Reason why the network is not ready, with the remedy. Absent if it is ready.")
        @Nullable
        String message,

        @JsonPropertyDescription("Time of the last change of the status.") @Nullable
        String lastSyncTime,

        @JsonPropertyDescription("Ready: pods can be attached and reach each other. ConfigAccepted: the specification"
                + " is in force. RoutesReady: every host has its routes, or needs none.")
        List<Condition> conditions,

        @JsonPropertyDescription("Generation of the specification that this status describes.") @Nullable
        Long observedGeneration,

        @JsonPropertyDescription("Number of NICs of all hosts that have a block of addresses.") @Nullable
        Integer nics) {

    public MultiNicNetworkStatus {
        computeResults = computeResults == null ? List.of() : List.copyOf(computeResults);
        conditions = conditions == null ? List.of() : List.copyOf(conditions);
    }

    /// Network of the hosts' NICs, with the number of hosts that have a block on it.
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record NetAddress(
            @JsonPropertyDescription("The network of the NICs.") @Nullable
            String netAddress,

            @JsonPropertyDescription("Number of hosts that have a block on it.")
            int numOfHosts) {}

    /// Numbers of nodes that have an agent, of those whose NICs are known, and of those that have a block.
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Discovery(
            @JsonPropertyDescription("Hosts with an agent.") int existDaemon,

            @JsonPropertyDescription("Hosts whose NICs are known.")
            int infoAvailable,

            @JsonPropertyDescription("Hosts that have a block of addresses.")
            int cidrProcessed) {}

    /// State of the definition. The names are the wire values.
    public enum ConfigStatus {
        @JsonProperty("WaitForConfig")
        WAIT_FOR_CONFIG,
        @JsonProperty("Success")
        SUCCESS,
        @JsonProperty("Failed")
        FAILED
    }

    /// State of the hosts' routes. The names are the wire values.
    public enum RouteStatus {
        @JsonProperty("N/A")
        NOT_APPLICABLE,
        @JsonProperty("WaitForRoutes")
        WAIT_FOR_ROUTES,
        @JsonProperty("Unknown")
        UNKNOWN,
        @JsonProperty("Success")
        SUCCESS,
        @JsonProperty("Failed")
        FAILED
    }
}
