/// Runs tests that need another kernel than the machine's inside User-Mode Linux.
///
/// A test class with `@Tag("uml")`, anywhere below `io.multinic.agent`, is excluded on the host and run by
/// [UserModeLinuxIT]: as root, with network namespaces, ipvlan in all its modes, macvlan, veth, vrf, vlan and bonding,
/// on a read-only root that is the host's, `/run` and `/dev/shm` writable. It has one slow processor: no test may
/// expect a speed, and every time limit is ten times what it would be elsewhere.
@NullMarked
package io.multinic.agent.kernel.uml;

import org.jspecify.annotations.NullMarked;
