package io.multinic.e2e.harness;

import java.util.List;

/// A property of the context on a real cluster, and the check that demonstrates it.
///
/// `name` selects the step on the command line; `needs` names earlier steps that must have passed before it runs.
public record Step(String name, String description, List<String> needs, Check check) {
    public Step {
        needs = List.copyOf(needs);
    }

    /// Brings the described situation about and verifies it.
    @FunctionalInterface
    public interface Check {
        /// @return a one-line result with figures
        /// @throws io.multinic.lab.process.LabException with the observed state, if the property does not hold
        String run();
    }
}
