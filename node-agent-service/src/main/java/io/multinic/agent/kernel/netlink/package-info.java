/// Rtnetlink messages and the conversation that carries them: pure.
///
/// [ChangeEncoder] and [Queries] write requests, the `…Reader`s read answers and notifications, [NetlinkConversation]
/// matches answers to requests over any [Datagrams]. Sources: rtnetlink(7), netlink(7),
/// `Documentation/userspace-api/netlink`, and the headers in `<linux/>`.
@NullMarked
package io.multinic.agent.kernel.netlink;

import org.jspecify.annotations.NullMarked;
