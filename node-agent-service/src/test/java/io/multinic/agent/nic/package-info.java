/// Tests of discovery and of what the cluster is told.
@NullMarked
package io.multinic.agent.nic;

import org.jspecify.annotations.NullMarked;
