/// Networks, reservations, and the planning of blocks.
@NullMarked
package io.multinic.ipam.service.plan;

import org.jspecify.annotations.NullMarked;
