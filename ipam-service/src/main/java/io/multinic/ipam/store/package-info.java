/// All SQL: JPA for networks and nodes, set-based statements for the plan and the ledger.
@NullMarked
package io.multinic.ipam.store;

import org.jspecify.annotations.NullMarked;
