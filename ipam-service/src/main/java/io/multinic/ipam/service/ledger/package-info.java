/// Ledger of allocations: writing, manual release, retention, and audit queries.
@NullMarked
package io.multinic.ipam.service.ledger;

import org.jspecify.annotations.NullMarked;
