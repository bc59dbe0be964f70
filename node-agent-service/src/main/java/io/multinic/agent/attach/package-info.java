/// The interfaces of a pod: made side by side, recorded before, undone in reverse.
@NullMarked
package io.multinic.agent.attach;

import org.jspecify.annotations.NullMarked;
