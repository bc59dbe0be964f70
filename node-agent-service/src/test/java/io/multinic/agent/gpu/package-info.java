/// Tests of the places of GPUs and NICs.
@NullMarked
package io.multinic.agent.gpu;

import org.jspecify.annotations.NullMarked;
