/// Computes the status of a network from the plan and the reports of the hosts. Pure: time comes in as an argument.
@NullMarked
package io.multinic.controller.status;

import org.jspecify.annotations.NullMarked;
