/// Configuration of the agent: properties and beans.
@NullMarked
package io.multinic.agent.config;

import org.jspecify.annotations.NullMarked;
