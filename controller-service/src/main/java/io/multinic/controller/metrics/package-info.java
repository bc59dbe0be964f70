/// Metrics of the controller.
@NullMarked
package io.multinic.controller.metrics;

import org.jspecify.annotations.NullMarked;
