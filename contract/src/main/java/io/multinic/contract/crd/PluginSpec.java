package io.multinic.contract.crd;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The CNI plugin that makes each interface, with its arguments as text.
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record PluginSpec(
        @JsonPropertyDescription("CNI version of the plugin's configuration.") @Nullable
        String cniVersion,

        @JsonPropertyDescription(
                "ipvlan, macvlan, ptp, host-device, sriov, aws-ipvlan, mellanox, or any CNI plugin on the nodes.")
        @Required
        @Size(min = 1, max = 253)
        String type,

        Map<String, Boolean> capabilities,
        @Nullable Dns dns,

        @JsonPropertyDescription("Arguments of the plugin, such as mode or mtu.")
        Map<String, String> args) {

    public PluginSpec {
        capabilities = capabilities == null ? Map.of() : Map.copyOf(capabilities);
        args = args == null ? Map.of() : Map.copyOf(args);
    }

    /// DNS settings that are handed to the pod, as in a CNI result.
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Dns(List<String> nameservers, @Nullable String domain, List<String> search, List<String> options) {
        public Dns {
            nameservers = nameservers == null ? List.of() : List.copyOf(nameservers);
            search = search == null ? List.of() : List.copyOf(search);
            options = options == null ? List.of() : List.copyOf(options);
        }
    }
}
