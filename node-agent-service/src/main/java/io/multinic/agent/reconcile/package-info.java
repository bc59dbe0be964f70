/// Level-triggered reconcile loops, and the waits after failures.
@NullMarked
package io.multinic.agent.reconcile;

import org.jspecify.annotations.NullMarked;
