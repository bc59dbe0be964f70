package io.multinic.agent.kernel;

import org.jspecify.annotations.Nullable;

/// What became of one change.
///
/// @param failure null if it was made
public record Outcome(Change change, @Nullable KernelException failure) {
    public boolean done() {
        return failure == null;
    }
}
