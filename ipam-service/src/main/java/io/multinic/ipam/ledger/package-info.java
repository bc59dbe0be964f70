/// What events do to the ledger, decided before anything is stored. Pure: no SQL, no Spring, no clock.
@NullMarked
package io.multinic.ipam.ledger;

import org.jspecify.annotations.NullMarked;
