/// Attaches pods to networks and detaches them: for each CNI verb the sequence of journal, drivers and result.
@NullMarked
package io.multinic.agent.attach;

import org.jspecify.annotations.NullMarked;
