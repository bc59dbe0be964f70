/// Installs the CNI binary on the node, and removes binary, files and state when the agent is uninstalled.
@NullMarked
package io.multinic.agent.install;

import org.jspecify.annotations.NullMarked;
