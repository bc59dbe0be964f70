package io.multinic.ipam.truth;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NodeInventory;
import io.multinic.contract.wire.SessionGrant;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What all steps of a walk share: the dice, the clock, the service and the model, and who is there.
final class World {
    final Random random;
    final SteppedClock clock;
    final Ipam subject;
    /// Nobody may say what is expected.
    private final @Nullable Ipam model;
    /// By UID, also of nodes that are gone.
    final Map<String, Agent> agents = new LinkedHashMap<>();
    /// The name under which each UID was put last.
    final Map<String, String> names = new LinkedHashMap<>();
    /// The last that was put of each node, by name.
    final Map<String, NodeInventory> inventories = new TreeMap<>();
    /// As the users made them.
    final Map<String, NetworkDefinition> networks = new TreeMap<>();
    /// Events that say again what was said.
    final Set<Seen.Event> repeated = new HashSet<>();
    /// The kinds of things that happened.
    final Set<String> met = new TreeSet<>();

    private final String seed;
    private Seen seen;

    World(long seed, Ipam subject, @Nullable Ipam model, SteppedClock clock) {
        this.random = new Random(seed);
        this.seed = "seed " + seed;
        this.subject = subject;
        this.model = model;
        this.clock = clock;
        this.seen = subject.seen();
    }

    /// What was true after the last step.
    Seen seen() {
        return seen;
    }

    void seen(Seen now) {
        seen = now;
    }

    boolean oneIn(int chances) {
        return random.nextInt(chances) == 0;
    }

    <T> T pick(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    Agent someAgent() {
        return pick(List.copyOf(agents.values()));
    }

    Instant now() {
        return clock.instant();
    }

    /// What the operation answered, or the code with which it was refused; the same by service and model.
    @Nullable
    Object both(String what, Function<Ipam, @Nullable Object> operation) {
        Object answer = outcome(subject, operation);
        if (model != null) {
            assertThat(answer).as(seed + ": " + what).isEqualTo(outcome(model, operation));
        }
        met.add(
                answer instanceof SessionGrant grant && !grant.restore().isEmpty()
                        ? "restore"
                        : what.replaceFirst(" .*", "") + (answer instanceof ErrorCode code ? " " + code : ""));
        return answer;
    }

    private static @Nullable Object outcome(Ipam ipam, Function<Ipam, @Nullable Object> operation) {
        try {
            Object answer = operation.apply(ipam);
            // The order in which it lists them is its own.
            return answer instanceof SessionGrant grant
                    ? new SessionGrant(
                            grant.epoch(),
                            grant.storedThrough(),
                            grant.restore().stream()
                                    .sorted(Comparator.comparing(Object::toString))
                                    .toList())
                    : answer;
        } catch (MultiNicException e) {
            return e.code();
        }
    }
}
