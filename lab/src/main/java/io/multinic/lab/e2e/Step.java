package io.multinic.lab.e2e;

import java.util.List;

/// One thing that must be true of the platform on a real cluster, and how it is shown.
///
/// `name` is what a person chooses it by; `needs` names earlier steps that it builds on: unless they passed, it does
/// not run.
record Step(String name, String fact, List<String> needs, Proof proof) {
    Step {
        needs = List.copyOf(needs);
    }

    /// Makes the fact happen and looks at it.
    @FunctionalInterface
    interface Proof {
        /// @return what was seen, in one line, with figures
        /// @throws io.multinic.lab.LabException where the fact does not hold, with what was seen instead
        String show();
    }
}
