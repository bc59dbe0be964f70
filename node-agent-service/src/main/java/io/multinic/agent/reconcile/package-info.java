/// When reconcilers run: level-triggered, one at a time, with patience.
@NullMarked
package io.multinic.agent.reconcile;

import org.jspecify.annotations.NullMarked;
