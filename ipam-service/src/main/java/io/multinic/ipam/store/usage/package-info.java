/// Address usage, and the figures that the metrics show.
@NullMarked
package io.multinic.ipam.store.usage;

import org.jspecify.annotations.NullMarked;
