/// Meters of the service.
@NullMarked
package io.multinic.ipam.metrics;

import org.jspecify.annotations.NullMarked;
