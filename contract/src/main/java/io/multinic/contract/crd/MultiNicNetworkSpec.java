package io.multinic.contract.crd;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a user asks for; `ipam` is a JSON text, as the original has it.
@ValidationRule(value = "self.ipam.trim().startsWith('{')", message = "ipam must be a JSON object", fieldPath = ".ipam")
@ValidationRule(
        value = "!has(self.masterNets) || self.masterNets.all(net, self.masterNets.exists_one(other, other == net))",
        message = "masterNets must not name a network twice",
        fieldPath = ".masterNets")
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record MultiNicNetworkSpec(
        @JsonPropertyDescription(
                "Subnet that the pods' addresses come from: one CIDR, or one of each family separated by a comma."
                        + " Empty: every NIC's own network is divided.")
        @Pattern("^([0-9a-fA-F:.]+/[0-9]{1,3}(,\\s*[0-9a-fA-F:.]+/[0-9]{1,3})?)?$")
        @Nullable
        String subnet,

        @JsonPropertyDescription("Networks of the NICs to use, in the order of the pod's interfaces. Empty: all.")
        @Size(max = 256)
        List<@Size(max = 64) @Pattern("^[0-9a-fA-F:.]+/[0-9]{1,3}$") String> masterNets,

        @JsonPropertyDescription("IPAM configuration as a JSON text, such as {\"type\":\"multi-nic-ipam\",...}.")
        @Required
        @Size(min = 2, max = 65536)
        String ipam,

        @JsonProperty("multiNICIPAM")
        @JsonPropertyDescription("Whether addresses come from the multi-NIC IPAM (true) or from a single-NIC IPAM.")
        @JsonInclude(JsonInclude.Include.ALWAYS)
        boolean multiNicIpam,

        @JsonPropertyDescription("The CNI plugin that makes each interface.") @Nullable
        PluginSpec plugin,

        @JsonPropertyDescription("How NICs are selected for a pod.") @Nullable
        AttachmentPolicy attachPolicy,

        @JsonPropertyDescription("Namespaces that get a NetworkAttachmentDefinition. Empty: all.")
        List<String> namespaces) {

    public MultiNicNetworkSpec {
        masterNets = masterNets == null ? List.of() : List.copyOf(masterNets);
        namespaces = namespaces == null ? List.of() : List.copyOf(namespaces);
    }
}
