package io.multinic.ipam.truth;

import java.time.Duration;
import java.util.Set;

/// Random steps of users, nodes and agents, done to an ipam-service and to the naive model. After each step both
/// answered alike and hold the same as true, and the [Invariants] hold.
final class Walk {
    private final String seed;
    private final Naive naive;
    private final World world;
    private final UserSteps users;
    private final NodeSteps nodes;
    private final AgentSteps agents;

    /// @param skewed whether the clocks of nodes may be ahead of the service's: then it must have this one
    Walk(long seed, Ipam subject, SteppedClock clock, boolean skewed) {
        this.seed = "seed " + seed;
        naive = new Naive(clock);
        world = new World(seed, subject, naive, clock);
        users = new UserSteps(world);
        nodes = new NodeSteps(world);
        agents = new AgentSteps(world, skewed);
    }

    /// The kinds of things that happened, so that a test can tell a walk that meets nothing.
    Set<String> met() {
        world.seen().addKindsTo(world.met);
        return world.met;
    }

    void run(int steps) {
        for (int step = 0; step < steps; step++) {
            world.clock.pass(Duration.ofMillis(200 + world.random.nextInt(2_000)));
            String done = step();
            String where = seed + ", step " + step + ", after " + done;
            Seen seen = world.subject.seen();
            Seen expected = naive.seen();
            if (!seen.equals(expected)) {
                throw new AssertionError(where + seen.differenceTo(expected));
            }
            Invariants.require(world.seen(), seen, done, where);
            world.seen(seen);
        }
        Invariants.requireEveryEvent(world.seen(), world.agents.values(), world.repeated, seed);
    }

    private String step() {
        if (world.agents.isEmpty()) {
            return world.random.nextBoolean() ? nodes.put() : users.putNetwork();
        }
        return switch (world.random.nextInt(24)) {
            case 0, 1 -> users.putNetwork();
            case 2 -> world.oneIn(3) ? users.deleteNetwork() : agents.session();
            case 3, 4, 5 -> nodes.put();
            case 6 -> world.oneIn(3) ? users.release().orElseGet(agents::writeEvents) : nodes.retire();
            case 7 -> agents.session();
            case 8, 9, 10, 11, 12, 13 -> agents.writeEvents();
            case 14 -> nodes.gone();
            case 15, 16 -> users.reserve();
            case 17 -> world.oneIn(3) ? users.unreserve() : agents.writeEvents();
            default -> agents.send();
        };
    }
}
