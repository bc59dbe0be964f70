package io.multinic.agent.kernel;

/// Identity of a network namespace: device and inode of its file in nsfs.
public record NamespaceId(long device, long inode) {}
