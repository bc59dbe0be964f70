package io.multinic.agent.attach.plan;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import org.jspecify.annotations.Nullable;

/// A route of the network's `ipam` section; several with one destination form a multipath route.
///
/// @param gw null for an on-link destination
public record IpamRoute(Cidr dst, @Nullable IpAddress gw) {
    /// True for `0.0.0.0/0` and `::/0`.
    boolean isDefault() {
        return dst.prefixLength() == 0;
    }
}
