/// Decisions on ledger events, before anything is stored. Pure: no SQL, Spring or clock.
@NullMarked
package io.multinic.ipam.ledger;

import org.jspecify.annotations.NullMarked;
