/// Sums up what ipam-service and the hosts say of a network into its status. Pure: time comes in as an argument.
@NullMarked
package io.multinic.controller.status;

import org.jspecify.annotations.NullMarked;
