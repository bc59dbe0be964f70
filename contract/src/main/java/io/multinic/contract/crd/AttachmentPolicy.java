package io.multinic.contract.crd;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/// Policy by which NICs are selected for a pod.
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record AttachmentPolicy(
        @JsonPropertyDescription("none: in the order of masterNets. costOpt: as few NICs as reach the target bandwidth."
                + " perfOpt: as many as are available. devClass: those of a DeviceClass. topology: close to the pod's"
                + " GPUs.")
        @Default("none")
        @Nullable
        Strategy strategy,

        @JsonPropertyDescription("Bandwidth that costOpt and perfOpt reach, such as 10Gbps.")
        @Size(max = 32)
        @ValidationRule(
                value = "self.matches(r'^([0-9]+(\\.[0-9]+)?\\s*[KMGT]?bps)?$')",
                message = "must be a bandwidth such as 10Gbps")
        @Nullable
        String target,

        @JsonPropertyDescription("True: a pod is attached without a NIC that is missing, down or without address; its"
                + " other interfaces keep their numbers. False or absent: the pod is not attached at all.")
        @Nullable
        Boolean allowPartial) {

    /// A policy that attaches all NICs of a pod or none.
    public AttachmentPolicy(@Nullable Strategy strategy, @Nullable String target) {
        this(strategy, target, null);
    }

    /// Selection strategies; the wire values are in the annotations.
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
