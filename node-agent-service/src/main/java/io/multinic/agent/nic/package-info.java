/// The NICs of this node: discovered in the kernel, published as a HostInterface.
@NullMarked
package io.multinic.agent.nic;

import org.jspecify.annotations.NullMarked;
