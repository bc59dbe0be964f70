package io.multinic.lab.e2e;

import io.multinic.lab.LabException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Which steps run, in their order. Pure.
record Schedule(List<Step> steps) {
    /// @throws IllegalArgumentException where two steps have one name, or one needs what does not come before it
    Schedule {
        steps = List.copyOf(steps);
        var before = new HashSet<String>();
        for (Step step : steps) {
            if (!before.containsAll(step.needs())) {
                throw new IllegalArgumentException(
                        "step " + step.name() + " needs " + step.needs() + ", of which not all come before it");
            }
            if (!before.add(step.name())) {
                throw new IllegalArgumentException("two steps have the name " + step.name());
            }
        }
    }

    /// The steps named in the text, separated by commas, with all that they need; all steps where it is blank.
    ///
    /// @throws LabException naming the steps there are, where a name is none of them
    Schedule chosenBy(String names) {
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

    /// What `step` needs and has not passed.
    static Set<String> missing(Step step, Map<String, Outcome> outcomes) {
        var missing = new HashSet<String>(step.needs());
        missing.removeIf(name -> outcomes.get(name) instanceof Outcome.Passed);
        return missing;
    }
}
