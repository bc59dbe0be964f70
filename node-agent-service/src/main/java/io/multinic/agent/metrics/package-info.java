/// What the agent measures of itself.
@NullMarked
package io.multinic.agent.metrics;

import org.jspecify.annotations.NullMarked;
