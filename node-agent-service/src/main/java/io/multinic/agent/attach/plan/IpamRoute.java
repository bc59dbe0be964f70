package io.multinic.agent.attach.plan;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import org.jspecify.annotations.Nullable;

/// A route of the network's `ipam`: several of one destination make a multipath route.
///
/// @param gw null for a destination that is on the links themselves
public record IpamRoute(Cidr dst, @Nullable IpAddress gw) {}
