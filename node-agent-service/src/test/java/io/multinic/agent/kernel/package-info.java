/// The contract of the kernel port, and a fake that keeps it.
@NullMarked
package io.multinic.agent.kernel;

import org.jspecify.annotations.NullMarked;
