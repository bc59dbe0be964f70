/// By what the services of a lab know each other: certificates and tokens, as a cluster would give them out.
@NullMarked
package io.multinic.lab.trust;

import org.jspecify.annotations.NullMarked;
