/// What ipam-service has planned for this node, and the events that go back to it.
@NullMarked
package io.multinic.agent.plan;

import org.jspecify.annotations.NullMarked;
