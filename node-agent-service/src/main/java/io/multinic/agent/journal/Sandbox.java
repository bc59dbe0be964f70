package io.multinic.agent.journal;

/// The network namespace of a pod, as recorded with its attachment.
///
/// A path, and even an inode, may later refer to another namespace; a namespace is changed only if it still has the
/// recorded identity.
///
/// @param path CNI_NETNS of the ADD; empty if the namespace is not known on this node
/// @param identity distinguishes namespaces that had the same path at different times, also across reboots
public record Sandbox(String path, String identity) {
    /// Sandbox of attachments that were restored from the ledger.
    public static final Sandbox UNKNOWN = new Sandbox("", "");

    /// The part of the identity that is the same for all sandboxes of one boot of the node.
    String boot() {
        return identity.substring(0, identity.indexOf('/') + 1);
    }
}
