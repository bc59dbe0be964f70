/// The [io.multinic.agent.kernel.Kernel] of the running system: the few C calls that carry netlink messages, namespace
/// handles and event subscriptions. The messages themselves are those of `kernel.netlink`.
@NullMarked
package io.multinic.agent.kernel.linux;

import org.jspecify.annotations.NullMarked;
