/// Settings and beans of the agent, and the order in which its parts start and stop.
@NullMarked
package io.multinic.agent.config;

import org.jspecify.annotations.NullMarked;
