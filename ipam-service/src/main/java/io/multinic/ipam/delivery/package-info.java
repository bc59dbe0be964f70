/// Delivery of plan changes to agents: long polls, and the database notifications that wake them.
@NullMarked
package io.multinic.ipam.delivery;

import org.jspecify.annotations.NullMarked;
