package io.multinic.ipam.model;

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

/// The state that all steps of a walk share: random numbers, clock, service, model, agents and networks.
final class WalkState {
    final Random random;
    final RandomWalk.SteppedClock clock;
    final IpamOperations subject;
    /// Null when answers are not compared.
    private final @Nullable IpamOperations model;
    /// By UID, including nodes that are gone.
    final Map<String, JournaledAgent> agents = new LinkedHashMap<>();
    /// The last name of each UID.
    final Map<String, String> names = new LinkedHashMap<>();
    /// The last inventory of each node, by name.
    final Map<String, NodeInventory> inventories = new TreeMap<>();
    /// The definitions of the users.
    final Map<String, NetworkDefinition> networks = new TreeMap<>();
    /// Events that repeat an earlier one.
    final Set<ObservedState.EventId> repeated = new HashSet<>();
    /// The kinds of outcomes so far.
    final Set<String> covered = new TreeSet<>();

    private final String seed;
    private ObservedState observed;

    WalkState(long seed, IpamOperations subject, @Nullable IpamOperations model, RandomWalk.SteppedClock clock) {
        this.random = new Random(seed);
        this.seed = "seed " + seed;
        this.subject = subject;
        this.model = model;
        this.clock = clock;
        this.observed = subject.observe();
    }

    /// The state after the last step.
    ObservedState observed() {
        return observed;
    }

    void observed(ObservedState now) {
        observed = now;
    }

    boolean oneIn(int chances) {
        return random.nextInt(chances) == 0;
    }

    <T> T pick(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    JournaledAgent anyAgent() {
        return pick(List.copyOf(agents.values()));
    }

    Instant now() {
        return clock.instant();
    }

    /// Runs the operation on service and model and requires the same answer. Returns the answer, or the code of the
    /// refusal.
    @Nullable
    Object onBoth(String what, Function<IpamOperations, @Nullable Object> operation) {
        Object answer = outcome(subject, operation);
        if (model != null) {
            assertThat(answer).as(seed + ": " + what).isEqualTo(outcome(model, operation));
        }
        covered.add(
                answer instanceof SessionGrant grant && !grant.restore().isEmpty()
                        ? "restore"
                        : what.replaceFirst(" .*", "") + (answer instanceof ErrorCode code ? " " + code : ""));
        return answer;
    }

    private static @Nullable Object outcome(IpamOperations ipam, Function<IpamOperations, @Nullable Object> operation) {
        try {
            Object answer = operation.apply(ipam);
            // The order of the list is not defined.
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
