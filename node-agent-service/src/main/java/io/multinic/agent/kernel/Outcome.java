package io.multinic.agent.kernel;

import org.jspecify.annotations.Nullable;

/// The outcome of one change.
///
/// @param failure null if it succeeded
public record Outcome(Change change, @Nullable KernelException failure) {
    public boolean done() {
        return failure == null;
    }
}
