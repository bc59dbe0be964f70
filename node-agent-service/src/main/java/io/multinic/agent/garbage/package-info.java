/// The node's own garbage collection: attachments whose DEL never comes.
@NullMarked
package io.multinic.agent.garbage;

import org.jspecify.annotations.NullMarked;
