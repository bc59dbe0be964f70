@NullMarked
package io.multinic.agent.ledger;

import org.jspecify.annotations.NullMarked;
