/// Session with the ledger and delivery of the journal's events to it.
@NullMarked
package io.multinic.agent.ledger;

import org.jspecify.annotations.NullMarked;
