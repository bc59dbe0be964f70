/// Queries over allocation intervals, and the record of administrative changes.
@NullMarked
package io.multinic.ipam.store.audit;

import org.jspecify.annotations.NullMarked;
