/// Garbage collection on the node: detaches attachments whose DEL never comes, and deletes old records of the journal.
@NullMarked
package io.multinic.agent.garbage;

import org.jspecify.annotations.NullMarked;
