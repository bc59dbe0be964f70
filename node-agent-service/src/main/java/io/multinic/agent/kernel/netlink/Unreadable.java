package io.multinic.agent.kernel.netlink;

/// Port: is notified of each message of the kernel that is skipped because it cannot be read.
///
/// Other programs may create objects that this package has no value for, and newer kernels may describe objects in
/// other ways. The agent works with the remaining objects.
@FunctionalInterface
public interface Unreadable {
    /// @param messageType RTM_NEW* or RTM_DEL* of the skipped message
    void skipped(int messageType, RuntimeException reason);
}
