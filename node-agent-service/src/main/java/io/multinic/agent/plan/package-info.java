/// The plan of this node: the last one on disk, and the poll that follows its changes.
@NullMarked
package io.multinic.agent.plan;

import org.jspecify.annotations.NullMarked;
