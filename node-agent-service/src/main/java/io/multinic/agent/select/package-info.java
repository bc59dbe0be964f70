/// Selection of the NICs of a pod: pure.
@NullMarked
package io.multinic.agent.select;

import org.jspecify.annotations.NullMarked;
