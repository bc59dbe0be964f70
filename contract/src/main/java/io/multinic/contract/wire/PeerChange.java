package io.multinic.contract.wire;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import org.jspecify.annotations.Nullable;

/// A block of another node that is now reached through `via`, or, without `via`, no longer reached.
public record PeerChange(
        String network,
        int interfaceIndex,
        String node,
        Cidr podBlock,
        @Nullable IpAddress via) {}
