/// The NICs of this node: found in the kernel, told to the cluster as a HostInterface.
@NullMarked
package io.multinic.agent.nic;

import org.jspecify.annotations.NullMarked;
