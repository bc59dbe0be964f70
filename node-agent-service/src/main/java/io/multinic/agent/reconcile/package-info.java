/// Level-triggered reconcile loops.
@NullMarked
package io.multinic.agent.reconcile;

import org.jspecify.annotations.NullMarked;
