/// Reconciliation of the host routes with the plan.
@NullMarked
package io.multinic.agent.route;

import org.jspecify.annotations.NullMarked;
