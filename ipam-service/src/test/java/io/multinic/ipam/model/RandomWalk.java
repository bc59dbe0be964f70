package io.multinic.ipam.model;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;

/// Random steps of users, nodes and agents on an ipam-service and on the reference model. After each step both have
/// given the same answer and have the same state, and the [Invariants] hold.
final class RandomWalk {
    /// A clock that stands still until a walk advances it.
    static final class SteppedClock implements InstantSource {
        private Instant now;

        SteppedClock(Instant start) {
            now = start;
        }

        void pass(Duration time) {
            now = now.plus(time);
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    private final String seed;
    private final ReferenceIpam reference;
    private final WalkState state;
    private final UserSteps users;
    private final NodeSteps nodes;
    private final AgentSteps agents;

    /// @param skewed whether the clocks of nodes may be ahead of the service's; the service must then use this clock
    RandomWalk(long seed, IpamOperations subject, SteppedClock clock, boolean skewed) {
        this.seed = "seed " + seed;
        reference = new ReferenceIpam(clock);
        state = new WalkState(seed, subject, reference, clock);
        users = new UserSteps(state);
        nodes = new NodeSteps(state);
        agents = new AgentSteps(state, skewed);
    }

    /// The kinds of outcomes of the walk, so that a test can detect a walk that covers too little.
    Set<String> covered() {
        state.observed().addOutcomesTo(state.covered);
        return state.covered;
    }

    void run(int steps) {
        for (int step = 0; step < steps; step++) {
            state.clock.pass(Duration.ofMillis(200 + state.random.nextInt(2_000)));
            String done = step();
            String where = seed + ", step " + step + ", after " + done;
            ObservedState observed = state.subject.observe();
            ObservedState expected = reference.observe();
            if (!observed.equals(expected)) {
                throw new AssertionError(where + observed.differenceTo(expected));
            }
            Invariants.require(state.observed(), observed, done, where);
            state.observed(observed);
        }
        Invariants.requireEveryEvent(state.observed(), state.agents.values(), state.repeated, seed);
    }

    private String step() {
        if (state.agents.isEmpty()) {
            return state.random.nextBoolean() ? nodes.put() : users.putNetwork();
        }
        return switch (state.random.nextInt(24)) {
            case 0, 1 -> users.putNetwork();
            case 2 -> state.oneIn(3) ? users.deleteNetwork() : agents.session();
            case 3, 4, 5 -> nodes.put();
            case 6 -> state.oneIn(3) ? users.release().orElseGet(agents::writeEvents) : nodes.retire();
            case 7 -> agents.session();
            case 8, 9, 10, 11, 12, 13 -> agents.writeEvents();
            case 14 -> nodes.gone();
            case 15, 16 -> users.reserve();
            case 17 -> state.oneIn(3) ? users.unreserve() : agents.writeEvents();
            default -> agents.send();
        };
    }
}
