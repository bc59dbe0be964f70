/// Tests of the adapter: messages byte by byte, and the real kernel.
@NullMarked
package io.multinic.agent.kernel.linux;

import org.jspecify.annotations.NullMarked;
