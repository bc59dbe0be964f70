/// The allocator of addresses in this node's blocks. Pure: [io.multinic.agent.journal] makes its decisions durable.
@NullMarked
package io.multinic.agent.address;

import org.jspecify.annotations.NullMarked;
