/// The addresses of this node's blocks: a pure allocator, and the journal that makes its decisions durable.
@NullMarked
package io.multinic.agent.address;

import org.jspecify.annotations.NullMarked;
