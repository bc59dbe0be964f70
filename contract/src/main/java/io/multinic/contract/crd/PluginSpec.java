package io.multinic.contract.crd;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// CNI plugin that creates each interface, with its arguments as text.
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record PluginSpec(
        @JsonPropertyDescription("CNI version of the plugin's configuration. Empty: 0.3.1.")
        @Size(max = 16)
        @ValidationRule(
                value = "self == '' || self in ['0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0']",
                message = "must be 0.3.0, 0.3.1, 0.4.0, 1.0.0 or 1.1.0")
        @Nullable
        String cniVersion,

        @JsonPropertyDescription(
                "ipvlan, macvlan, ptp, host-device, sriov, aws-ipvlan, mellanox, or any CNI plugin on the nodes.")
        @Required
        @Size(min = 1, max = 253)
        @ValidationRule(
                value = "self.matches('^[A-Za-z0-9][A-Za-z0-9._-]*$')",
                message = "must be the name of a CNI plugin, such as ipvlan")
        @ValidationRule(
                value = "self in ['ipvlan', 'macvlan', 'ptp', 'host-device', 'sriov', 'aws-ipvlan', 'mellanox']"
                        + " || !(self.lowerAscii().replace('-', '').replace('_', '')"
                        + " in ['ipvlan', 'macvlan', 'ptp', 'hostdevice', 'sriov', 'awsipvlan', 'mellanox'])",
                message = "is misspelt: write ipvlan, macvlan, ptp, host-device, sriov, aws-ipvlan or mellanox")
        String type,

        @JsonPropertyDescription("Capabilities of the plugin, as in its CNI configuration.")
        Map<String, Boolean> capabilities,

        @JsonPropertyDescription("DNS settings for the pod.") @Nullable
        Dns dns,

        @JsonPropertyDescription("Arguments of the plugin, such as mode or mtu.")
        @ValidationRule(
                value = "['mtu', 'vlan', 'vlanQoS', 'bcqueuelen'].all(key, !(key in self)"
                        + " || self[key].trim().matches('^[0-9]{1,5}$'))",
                message = "mtu, vlan, vlanQoS and bcqueuelen must be whole numbers, as text")
        Map<String, String> args) {

    public PluginSpec {
        capabilities = capabilities == null ? Map.of() : Map.copyOf(capabilities);
        args = args == null ? Map.of() : Map.copyOf(args);
    }

    /// DNS settings for the pod, as in a CNI result.
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
