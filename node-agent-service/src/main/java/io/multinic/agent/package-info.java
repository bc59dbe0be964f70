/// The node agent: finds NICs, keeps routes true, serves the CNI binary.
@NullMarked
package io.multinic.agent;

import org.jspecify.annotations.NullMarked;
