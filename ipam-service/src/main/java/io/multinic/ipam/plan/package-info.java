/// The planner: which node owns which block of which network. Pure: no SQL, no Spring, no clock.
@NullMarked
package io.multinic.ipam.plan;

import org.jspecify.annotations.NullMarked;
