package io.multinic.contract.crd;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What was observed of a network; never what was hoped.
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonClassDescription("What was observed of the network.")
public record MultiNicNetworkStatus(
        @JsonPropertyDescription("The hosts' networks that the plan uses.")
        List<NetAddress> computeResults,

        @JsonPropertyDescription("How far the hosts are.") @Nullable
        Discovery discovery,

        @JsonPropertyDescription("Whether the definition was accepted.") @Nullable
        ConfigStatus configStatus,

        @JsonPropertyDescription("Whether every host has its routes.") @Nullable
        RouteStatus routeStatus,

        @JsonPropertyDescription("Why the network is not ready, with the remedy. Absent when it is.") @Nullable
        String message,

        @JsonPropertyDescription("When the status last changed.") @Nullable
        String lastSyncTime,

        @JsonPropertyDescription("Ready: pods can be attached and reach each other. ConfigAccepted: the specification"
                + " is in force. RoutesReady: every host has its routes, or needs none.")
        List<Condition> conditions,

        @JsonPropertyDescription("The generation of the specification that this status speaks of.") @Nullable
        Long observedGeneration,

        @JsonPropertyDescription("How many NICs of all hosts have a block of addresses.") @Nullable
        Integer nics) {

    public MultiNicNetworkStatus {
        computeResults = computeResults == null ? List.of() : List.copyOf(computeResults);
        conditions = conditions == null ? List.of() : List.copyOf(conditions);
    }

    /// A network of the hosts' NICs, and how many hosts have a block on it.
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record NetAddress(
            @JsonPropertyDescription("The network of the NICs.") @Nullable
            String netAddress,

            @JsonPropertyDescription("How many hosts have a block on it.")
            int numOfHosts) {}

    /// How many nodes have an agent, how many of them told their NICs, and how many of those have a block.
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Discovery(
            @JsonPropertyDescription("Hosts with an agent.") int existDaemon,

            @JsonPropertyDescription("Hosts whose NICs are known.")
            int infoAvailable,

            @JsonPropertyDescription("Hosts that have a block of addresses.")
            int cidrProcessed) {}

    /// Whether the definition was accepted. The names are the wire values.
    public enum ConfigStatus {
        @JsonProperty("WaitForConfig")
        WAIT_FOR_CONFIG,
        @JsonProperty("Success")
        SUCCESS,
        @JsonProperty("Failed")
        FAILED
    }

    /// Whether every host has its routes. The names are the wire values.
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
