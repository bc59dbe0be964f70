/// The journal: attachments, their addresses and pending ledger events, durable in one SQLite file; and the last plan,
/// in
/// another.
@NullMarked
package io.multinic.agent.journal;

import org.jspecify.annotations.NullMarked;
