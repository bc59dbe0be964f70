/// The certificates and tokens with which the services of a lab authenticate, as a cluster would issue them.
@NullMarked
package io.multinic.lab.trust;

import org.jspecify.annotations.NullMarked;
