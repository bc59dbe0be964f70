package io.multinic.contract.crd;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import org.jspecify.annotations.Nullable;

/// How NICs are selected for a pod.
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record AttachmentPolicy(
        @Default("none") @Nullable Strategy strategy,

        @JsonPropertyDescription("Bandwidth that costOpt and perfOpt reach, such as 10Gbps.")
        @Pattern("^([0-9]+(\\.[0-9]+)?\\s*[KMGT]?bps)?$")
        @Nullable
        String target) {

    /// The names are the wire values.
    public enum Strategy {
        @JsonProperty("none")
        NONE,
        @JsonProperty("costOpt")
        COST_OPT,
        @JsonProperty("perfOpt")
        PERF_OPT,
        @JsonProperty("devClass")
        DEV_CLASS,
        @JsonProperty("topology")
        TOPOLOGY
    }
}
