package io.multinic.e2e.harness;

import io.multinic.lab.process.LabException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// An ordered list of steps in which each step follows the steps that it needs. Pure.
public record Schedule(List<Step> steps) {
    /// @throws IllegalArgumentException if two steps have the same name, or a step needs one that is not before it
    public Schedule {
        steps = List.copyOf(steps);
        var before = new HashSet<String>();
        for (Step step : steps) {
            if (!before.containsAll(step.needs())) {
                throw new IllegalArgumentException(
                        "step " + step.name() + " needs " + step.needs() + ", but not all of them come before it");
            }
            if (!before.add(step.name())) {
                throw new IllegalArgumentException("two steps have the name " + step.name());
            }
        }
    }

    /// The steps named in a comma-separated list, with all steps that they need; all steps if the list is blank.
    ///
    /// @throws LabException with the list of all steps, if a name is unknown
    public Schedule chosenBy(String names) {
        if (names.isBlank()) {
            return this;
        }
        var wanted = new HashSet<>(List.of(names.strip().split("\\s*,\\s*")));
        List<String> known = steps.stream().map(Step::name).toList();
        if (!known.containsAll(wanted)) {
            wanted.removeAll(known);
            throw new LabException("no step " + String.join(", ", wanted) + "; there are " + String.join(", ", known));
        }
        for (Step step : steps.reversed()) {
            if (wanted.contains(step.name())) {
                wanted.addAll(step.needs());
            }
        }
        return new Schedule(
                steps.stream().filter(step -> wanted.contains(step.name())).toList());
    }

    /// The steps that `step` needs and that have not passed.
    public static Set<String> missing(Step step, Map<String, StepOutcome> outcomes) {
        var missing = new HashSet<String>(step.needs());
        missing.removeIf(name -> outcomes.get(name) instanceof StepOutcome.Passed);
        return missing;
    }
}
