package io.multinic.ipam.plan;

/// What a node says it was given.
public record Claim(HostKey key, int interfaceIndex, int hostIndex) {}
