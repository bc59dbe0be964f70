/// Which database the service is on, and whether it may have lost commits. Pure: no SQL, no Spring, no
/// clock.
@NullMarked
package io.multinic.ipam.lineage;

import org.jspecify.annotations.NullMarked;
