/// Which NICs a pod gets: pure.
@NullMarked
package io.multinic.agent.select;

import org.jspecify.annotations.NullMarked;
