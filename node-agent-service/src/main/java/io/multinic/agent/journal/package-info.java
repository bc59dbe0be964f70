/// The journal: attachments, their addresses, pending ledger events and the last plan, durable in one SQLite file.
@NullMarked
package io.multinic.agent.journal;

import org.jspecify.annotations.NullMarked;
