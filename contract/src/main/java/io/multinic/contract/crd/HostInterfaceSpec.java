package io.multinic.contract.crd;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// NICs of a host that networks may use.
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record HostInterfaceSpec(@Required String hostName, List<HostNic> interfaces) {

    public HostInterfaceSpec {
        interfaces = interfaces == null ? List.of() : List.copyOf(interfaces);
    }

    /// One NIC: the first six fields are from the original, the others are ours.
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record HostNic(
            @Required String interfaceName,

            @JsonPropertyDescription("The NIC's network, such as 10.0.1.0/24.") @Nullable
            String netAddress,

            @JsonProperty("hostIP") @JsonPropertyDescription("The host's first address on the NIC.") @Nullable
            String hostIp,

            @JsonPropertyDescription("PCI vendor id, hexadecimal without 0x.") @Nullable
            String vendor,

            @JsonPropertyDescription("PCI device id, hexadecimal without 0x.") @Nullable
            String product,

            @Nullable String pciAddress,

            @JsonPropertyDescription("All addresses with their prefix lengths, both families.")
            List<String> addresses,

            @Nullable String mac,
            @Nullable Integer mtu,

            @JsonPropertyDescription("Link speed in Mbit/s.") @Nullable
            Integer speedMbps,

            @Nullable Integer numaNode,
            @Nullable String driver,

            @JsonPropertyDescription("True if the link has a carrier.") @Nullable
            Boolean linkUp) {

        public HostNic {
            addresses = addresses == null ? List.of() : List.copyOf(addresses);
        }
    }
}
