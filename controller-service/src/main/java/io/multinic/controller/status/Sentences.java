package io.multinic.controller.status;

import java.util.List;
import java.util.stream.Collectors;

/// Messages that stay readable however large the cluster is.
final class Sentences {
    private static final int NAMED = 3;

    private Sentences() {}

    /// The first few, and how many more there are.
    static String some(List<String> messages) {
        String named = messages.stream().limit(NAMED).collect(Collectors.joining("; "));
        return messages.size() <= NAMED ? named : named + "; and " + (messages.size() - NAMED) + " more";
    }
}
