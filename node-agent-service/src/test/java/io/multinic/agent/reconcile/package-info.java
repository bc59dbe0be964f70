/// Tests of the reconcile loop.
@NullMarked
package io.multinic.agent.reconcile;

import org.jspecify.annotations.NullMarked;
