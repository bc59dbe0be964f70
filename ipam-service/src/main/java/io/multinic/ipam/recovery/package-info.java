/// Decisions after a database may have lost commits: identity of the database, quarantine, and blocks that nodes
/// claim. Pure: no SQL, Spring or clock.
@NullMarked
package io.multinic.ipam.recovery;

import org.jspecify.annotations.NullMarked;
