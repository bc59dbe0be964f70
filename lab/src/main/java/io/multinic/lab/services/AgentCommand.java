package io.multinic.lab.services;

import io.multinic.lab.layout.LabNode;
import java.util.List;

/// Changes to the command line that starts an agent, for a lab whose agents need more settings or another environment.
@FunctionalInterface
public interface AgentCommand {
    /// Leaves the command line as it is.
    AgentCommand STANDARD = (_, line) -> line;

    /// @param line program and arguments; they run in the node's namespaces
    List<String> of(LabNode node, List<String> line);
}
