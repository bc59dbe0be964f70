package io.multinic.agent.kernel;

/// What makes two handles the same network namespace: device and inode of its file in nsfs.
public record NamespaceId(long device, long inode) {}
