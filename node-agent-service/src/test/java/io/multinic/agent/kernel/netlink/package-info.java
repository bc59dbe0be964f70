@NullMarked
package io.multinic.agent.kernel.netlink;

import org.jspecify.annotations.NullMarked;
