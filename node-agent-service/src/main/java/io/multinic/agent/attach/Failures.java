package io.multinic.agent.attach;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// Failures of independent steps, collected so that one of them does not stop the others.
public final class Failures {
    private final Map<String, RuntimeException> causes = new LinkedHashMap<>();

    /// Executes a step and records its failure.
    ///
    /// @param object what the step concerns, for the message
    /// @return true if it succeeded
    public boolean attempt(String object, Runnable step) {
        try {
            step.run();
            return true;
        } catch (RuntimeException e) {
            add(object, e);
            return false;
        }
    }

    /// Records a failure.
    public void add(String object, RuntimeException cause) {
        causes.put(object, cause);
    }

    public boolean isEmpty() {
        return causes.isEmpty();
    }

    /// Fails if a step has failed, with a message that names each of them.
    ///
    /// @param summary the consequence of the failures, for the message
    /// @throws MultiNicException with the code of the failures; INTERNAL if their codes differ
    public void throwIfAny(String summary) {
        if (causes.isEmpty()) {
            return;
        }
        String each = causes.entrySet().stream()
                .map(failure -> failure.getKey() + ": " + failure.getValue().getMessage())
                .collect(Collectors.joining("; "));
        Set<ErrorCode> codes = causes.values().stream().map(Failures::code).collect(Collectors.toSet());
        var together = new MultiNicException(
                codes.size() == 1 ? codes.iterator().next() : ErrorCode.INTERNAL, summary + ": " + each);
        causes.values().forEach(together::addSuppressed);
        throw together;
    }

    private static ErrorCode code(RuntimeException failure) {
        return failure instanceof MultiNicException known ? known.code() : ErrorCode.INTERNAL;
    }
}
