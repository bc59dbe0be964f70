/// Tests of the adapter on the real kernel.
@NullMarked
package io.multinic.agent.kernel.linux;

import org.jspecify.annotations.NullMarked;
