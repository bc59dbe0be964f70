package io.multinic.controller.status;

import java.util.List;
import java.util.stream.Collectors;

/// Joins messages so that the result stays short in a large cluster.
final class Sentences {
    private static final int NAMED = 3;

    private Sentences() {}

    /// The first few messages and the number of the others.
    static String some(List<String> messages) {
        String named = messages.stream().limit(NAMED).collect(Collectors.joining("; "));
        return messages.size() <= NAMED ? named : named + "; and " + (messages.size() - NAMED) + " more";
    }
}
