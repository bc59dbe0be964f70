/// Wiring.
@NullMarked
package io.multinic.ipam.config;

import org.jspecify.annotations.NullMarked;
