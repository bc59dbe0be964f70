/// The node agent: discovers NICs, programs host routes, and attaches pods.
@NullMarked
package io.multinic.agent;

import org.jspecify.annotations.NullMarked;
