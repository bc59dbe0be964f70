/// The contract test of the kernel port, and a fake kernel that fulfils it.
@NullMarked
package io.multinic.agent.kernel;

import org.jspecify.annotations.NullMarked;
