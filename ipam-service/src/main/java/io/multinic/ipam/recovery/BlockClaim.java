package io.multinic.ipam.recovery;

import io.multinic.ipam.plan.HostKey;

/// Claim of a node to a block, from the plan that its agent has stored.
public record BlockClaim(HostKey key, int interfaceIndex, int hostIndex) {}
