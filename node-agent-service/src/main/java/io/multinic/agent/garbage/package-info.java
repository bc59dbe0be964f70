/// Garbage collection on the node: detaches attachments whose DEL never comes.
@NullMarked
package io.multinic.agent.garbage;

import org.jspecify.annotations.NullMarked;
