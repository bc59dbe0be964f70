/// Tests of the plan.
@NullMarked
package io.multinic.agent.plan;

import org.jspecify.annotations.NullMarked;
