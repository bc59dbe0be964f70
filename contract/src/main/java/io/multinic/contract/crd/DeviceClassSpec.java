package io.multinic.contract.crd;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import java.util.List;

/// PCI ids of a device class, hexadecimal without 0x.
@JsonIgnoreProperties(ignoreUnknown = true)
public record DeviceClassSpec(List<DeviceId> ids) {
    public DeviceClassSpec {
        ids = ids == null ? List.of() : List.copyOf(ids);
    }

    /// Vendor with its products; an empty list means all products.
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record DeviceId(
            @JsonPropertyDescription("PCI vendor id.") @Required @Pattern("^[0-9a-fA-F]{4}$")
            String vendor,

            @JsonPropertyDescription("PCI device ids.") List<@Pattern("^[0-9a-fA-F]{4}$") String> products) {

        public DeviceId {
            products = products == null ? List.of() : List.copyOf(products);
        }
    }
}
