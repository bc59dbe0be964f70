/// One random walk over the whole service's truth, against a model that shares no code with it.
@NullMarked
package io.multinic.ipam.truth;

import org.jspecify.annotations.NullMarked;
