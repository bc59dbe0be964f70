package io.multinic.agent.select;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The PCI ids of a DeviceClass.
public record DeviceIds(List<Vendor> vendors) {
    public DeviceIds {
        vendors = List.copyOf(vendors);
    }

    /// Devices of a vendor, hexadecimal without 0x in any case.
    ///
    /// @param products empty for all
    public record Vendor(String id, Set<String> products) {
        public Vendor {
            id = id.toLowerCase(Locale.ROOT);
            products = products.stream()
                    .map(product -> product.toLowerCase(Locale.ROOT))
                    .collect(Collectors.toUnmodifiableSet());
        }
    }

    /// False for a device whose ids are unknown.
    boolean contain(@Nullable String vendor, @Nullable String product) {
        return vendor != null
                && product != null
                && vendors.stream()
                        .filter(known -> known.id().equals(vendor.toLowerCase(Locale.ROOT)))
                        .anyMatch(known -> known.products().isEmpty()
                                || known.products().contains(product.toLowerCase(Locale.ROOT)));
    }
}
