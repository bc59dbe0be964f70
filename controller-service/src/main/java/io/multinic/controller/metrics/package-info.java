/// What the controller counts.
@NullMarked
package io.multinic.controller.metrics;

import org.jspecify.annotations.NullMarked;
