/// Sessions of agents, allocation intervals, and conflicts.
@NullMarked
package io.multinic.ipam.store.ledger;

import org.jspecify.annotations.NullMarked;
