package io.multinic.contract.crd;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What was observed of a network; never what was hoped.
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record MultiNicNetworkStatus(
        List<NetAddress> computeResults,
        @Nullable Discovery discovery,
        @Nullable ConfigStatus configStatus,
        @Nullable RouteStatus routeStatus,
        @Nullable String message,
        @Nullable String lastSyncTime,
        List<Condition> conditions,
        @Nullable Long observedGeneration) {

    public MultiNicNetworkStatus {
        computeResults = computeResults == null ? List.of() : List.copyOf(computeResults);
        conditions = conditions == null ? List.of() : List.copyOf(conditions);
    }

    /// A network of the hosts' NICs, and how many hosts have a block on it.
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record NetAddress(@Nullable String netAddress, int numOfHosts) {}

    /// How many nodes have an agent, how many of them told their NICs, and how many of those have a block.
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Discovery(int existDaemon, int infoAvailable, int cidrProcessed) {}

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
