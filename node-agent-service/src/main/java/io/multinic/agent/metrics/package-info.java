/// Metrics of the agent.
@NullMarked
package io.multinic.agent.metrics;

import org.jspecify.annotations.NullMarked;
