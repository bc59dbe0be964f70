package io.multinic.agent.kernel;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/// An open handle to a network namespace; the namespace lives at least as long as the handle.
///
/// Usable from any thread. Not to be closed while a call that names it is under way.
public interface NetworkNamespace extends AutoCloseable {
    NamespaceId id();

    /// The file descriptor by which netlink messages name this namespace.
    int descriptor();

    /// A path that opens this namespace in any process of this machine for as long as the handle is open; it is
    /// what `CNI_NETNS` of an executed plugin may be.
    Path path();

    /// Runs `task` on a platform thread of its own inside the namespace and waits for it.
    ///
    /// For operations that depend on the namespace of the calling thread: sockets, `/proc/sys/net`, processes.
    /// Exceptions of the task are thrown to the caller.
    <T> T call(Callable<T> task) throws Exception;

    /// Reads `/proc/sys/<key>` inside the namespace; `key` has slashes, since names of links may have dots. Fails with
    /// KERNEL_LACKS_SUPPORT for a setting of IPv6 if the kernel has no IPv6.
    String sysctl(String key);

    /// Like [#sysctl]; empty if there is no such setting. A link with an MTU below 1280 has none of IPv6.
    Optional<String> findSysctl(String key);

    /// Writes `/proc/sys/<key>` inside the namespace.
    void setSysctl(String key, String value);

    /// Writes those keys of `/proc/sys` that exist, in the order of the map; skips the others, such as the IPv6
    /// settings
    /// of a link without IPv6.
    void setExistingSysctls(Map<String, String> values);

    @Override
    void close();
}
