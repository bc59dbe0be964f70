/// Runs other programs: CNI plugins, and the CNI binary for its trial run.
@NullMarked
package io.multinic.agent.exec;

import org.jspecify.annotations.NullMarked;
