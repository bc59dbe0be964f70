/// Host routes to the blocks of the peers: wanted from the plan, observed in the kernel, made equal.
@NullMarked
package io.multinic.agent.route;

import org.jspecify.annotations.NullMarked;
