/// Tables that are written under the plan lock: networks, nodes, reservations, the plan and its changes.
@NullMarked
package io.multinic.ipam.store.plan;

import org.jspecify.annotations.NullMarked;
