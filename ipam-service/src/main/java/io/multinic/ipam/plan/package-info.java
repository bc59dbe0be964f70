/// Planner of blocks: assigns blocks of networks to nodes. Pure: no SQL, Spring or clock.
@NullMarked
package io.multinic.ipam.plan;

import org.jspecify.annotations.NullMarked;
