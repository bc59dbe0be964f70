/// The service that owns the address plan and the ledger.
@NullMarked
package io.multinic.ipam;

import org.jspecify.annotations.NullMarked;
