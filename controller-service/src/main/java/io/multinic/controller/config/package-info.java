/// Wires the controller together.
@NullMarked
package io.multinic.controller.config;

import org.jspecify.annotations.NullMarked;
