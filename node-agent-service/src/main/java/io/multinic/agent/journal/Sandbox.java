package io.multinic.agent.journal;

/// The network namespace of a pod as it was when its attachment was recorded.
///
/// A path, and even an inode, may later stand for another namespace: nothing is touched in it unless the identity is
/// still the recorded one.
///
/// @param path what CNI_NETNS was; empty if the namespace was never known here
/// @param identity tells two namespaces apart that one path stood for at different times, over reboots too
public record Sandbox(String path, String identity) {
    /// For attachments of which only the ledger knew.
    public static final Sandbox UNKNOWN = new Sandbox("", "");
}
