/// Tests of the configuration.
@NullMarked
package io.multinic.agent.config;

import org.jspecify.annotations.NullMarked;
