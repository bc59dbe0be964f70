package io.multinic.ipam.recovery;

import io.multinic.ipam.plan.HostKey;

/// What a node says it was given.
public record BlockClaim(HostKey key, int interfaceIndex, int hostIndex) {}
