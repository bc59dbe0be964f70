/// Host routes of the plan as values: desired routes, observed routes, and the difference. Pure.
@NullMarked
package io.multinic.agent.route.plan;

import org.jspecify.annotations.NullMarked;
