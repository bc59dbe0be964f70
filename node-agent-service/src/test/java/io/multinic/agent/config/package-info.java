/// Tests of the wiring.
@NullMarked
package io.multinic.agent.config;

import org.jspecify.annotations.NullMarked;
