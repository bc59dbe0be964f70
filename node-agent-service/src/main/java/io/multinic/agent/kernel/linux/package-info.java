/// The adapter to Linux: rtnetlink messages made and read by pure code, and the few C calls that carry them.
///
/// Pure: [ChangeEncoder], [Queries], the `…Reader`s, [NetlinkConversation] over any [Datagrams]. The world is touched
/// in [Libc], [NetlinkSocket], [NamespaceHandle] and [EventSubscription]. Sources: rtnetlink(7), netlink(7),
/// `Documentation/userspace-api/netlink`, and the headers in `<linux/>`.
@NullMarked
package io.multinic.agent.kernel.linux;

import org.jspecify.annotations.NullMarked;
