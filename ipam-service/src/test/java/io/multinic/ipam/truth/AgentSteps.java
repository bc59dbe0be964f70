package io.multinic.ipam.truth;

import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.LedgerBatch;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.LedgerReceipt;
import io.multinic.contract.wire.PodRef;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.StatedBlock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Agents give out addresses and take them back, tell the ledger of it, lose disks and find them again.
final class AgentSteps {
    private final World world;
    private final boolean skewed;
    private int containers;

    /// @param skewed whether their clocks may be ahead of the service's
    AgentSteps(World world, boolean skewed) {
        this.world = world;
        this.skewed = skewed;
    }

    String session() {
        Agent agent = world.someAgent();
        switch (world.random.nextInt(6)) {
            case 0 -> agent.wipe();
            case 1 -> agent.restore(world.random.nextInt(3));
            default -> {}
        }
        return session(agent);
    }

    /// Now and then the wrong one.
    private String nameOf(String uid) {
        return world.oneIn(40)
                ? "n" + world.random.nextInt(NodeSteps.NAMES)
                : Objects.requireNonNull(world.names.get(uid));
    }

    private String session(Agent agent) {
        return session(agent, nameOf(agent.uid));
    }

    String session(Agent agent, String name) {
        var request = agent.session();
        if (world.both("session " + request, ipam -> ipam.openSession(name, request)) instanceof SessionGrant grant) {
            agent.granted(grant);
        }
        return "session of " + agent.uid;
    }

    String writeEvents() {
        Agent agent = world.someAgent();
        for (int i = world.random.nextInt(4); i >= 0; i--) {
            List<Allocation> held = agent.held();
            switch (world.random.nextInt(30)) {
                case 0 -> { // says again what it has, which an administrator may have taken from it
                    if (!held.isEmpty()) {
                        repeat(agent, world.pick(held));
                    }
                }
                case 1 -> { // says of itself what another node has: a disk that was copied
                    List<Allocation> others = world.someAgent().held();
                    if (!others.isEmpty()) {
                        repeat(agent, world.pick(others));
                    }
                }
                case 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 -> {
                    if (!held.isEmpty()) {
                        agent.write(LedgerEvent.Type.FREED, moment(), world.pick(held));
                    }
                }
                default -> allocate(agent);
            }
        }
        return "events of " + agent.uid;
    }

    private void repeat(Agent agent, Allocation allocation) {
        world.repeated.add(agent.write(LedgerEvent.Type.ALLOCATED, moment(), allocation));
    }

    private Instant moment() {
        int error = switch (world.random.nextInt(6)) {
            case 0 -> -world.random.nextInt(60_000);
            case 1 -> skewed ? world.random.nextInt(60_000) : 0;
            default -> -world.random.nextInt(200);
        };
        return world.now().plus(Duration.ofNanos(error * 1_000_000L + world.random.nextInt(1_000)));
    }

    /// Mostly in a block of the node; now and then what only a fault could do.
    private void allocate(Agent agent) {
        var blocks = world.seen().plan().entrySet().stream()
                .filter(entry -> entry.getKey().uid().equals(agent.uid) || world.oneIn(40))
                .sorted(Comparator.comparing(entry -> entry.getKey().toString()))
                .toList();
        if (blocks.isEmpty()) {
            return;
        }
        var chosen = world.pick(blocks);
        Seen.Block block = world.pick(chosen.getValue().blocks());
        int free = block.excluded().nextClearBit(world.random.nextInt((int)
                Math.min(4, block.cidr().size())));
        if (free >= block.cidr().size()) {
            return;
        }
        String network = world.oneIn(60) ? "unheard-of" : chosen.getKey().network();
        var wanted = allocation(
                network, block.cidr().network().plus(free), chosen.getKey().nic());
        boolean holds = agent.holds(wanted);
        if (holds && !world.oneIn(8)) {
            return;
        }
        if (world.oneIn(60)) {
            agent.write(LedgerEvent.Type.FREED, moment(), wanted); // of what nobody gave it
            return;
        }
        agent.write(LedgerEvent.Type.ALLOCATED, moment(), wanted);
        switch (world.random.nextInt(60)) {
            case 0 -> repeat(agent, wanted);
            case 1 -> agent.write(LedgerEvent.Type.FREED, moment(), wanted);
            default -> {}
        }
    }

    private Allocation allocation(String network, IpAddress address, String nic) {
        String container = "c" + ++containers;
        return new Allocation(
                network, address, nic, new PodRef("default", "pod-" + container, ""), container, "net1", "net1-0");
    }

    /// As an agent does that goes by what it knows: pods come and go.
    String churn(Agent agent) {
        for (int i = world.random.nextInt(5); i >= 0; i--) {
            List<Allocation> held = agent.held();
            if (!held.isEmpty() && world.oneIn(3)) {
                agent.write(LedgerEvent.Type.FREED, moment(), world.pick(held));
            } else if (!agent.blocks().isEmpty()) {
                StatedBlock block = world.pick(agent.blocks());
                var wanted = allocation(
                        block.network(), block.podBlock().network().plus(world.random.nextInt(6)), block.nic());
                if (!agent.holds(wanted)) {
                    agent.write(LedgerEvent.Type.ALLOCATED, moment(), wanted);
                }
            }
        }
        return "events of " + agent.uid;
    }

    /// Sends all that is not confirmed. If it is refused, a session is what helps.
    ///
    /// @return whether the ledger has it
    boolean sendAll(Agent agent, String name) {
        var batch = agent.batch(agent.confirmed(), agent.confirmed() + agent.unconfirmed(), 0);
        if (world.both("batch " + batch, ipam -> ipam.append(name, batch)) instanceof LedgerReceipt receipt) {
            agent.confirmed(receipt);
            agent.acknowledged(receipt);
            return true;
        }
        return false;
    }

    String send() {
        var waiting = world.agents.values().stream()
                .filter(agent -> agent.unconfirmed() > 0 || world.oneIn(10))
                .toList();
        if (waiting.isEmpty()) {
            return writeEvents();
        }
        Agent agent = world.pick(waiting);
        int from = agent.confirmed();
        int to = from + Math.max(0, agent.unconfirmed());
        return switch (world.random.nextInt(8)) {
            case 0 ->
                send(agent, agent.batch(Math.max(0, from - 1 - world.random.nextInt(4)), to, 0)); // a part doubled
            case 1 -> { // cut off: a prefix arrives and its receipt is lost
                send(null, agent.batch(from, from + (to - from) / 2, 0));
                yield send(agent, agent.batch(from, to, 0));
            }
            case 2 -> send(null, agent.batch(Math.min(to, from + 1), to, 0)); // a gap
            case 3 -> send(null, agent.batch(from, to, 1)); // of the session before
            case 4 -> { // one bad event: nothing is stored
                var batch = agent.batch(from, to, 0);
                var events = new ArrayList<>(batch.events());
                events.addAll(batch.events());
                yield send(null, new LedgerBatch(batch.nodeUid(), batch.epoch(), events));
            }
            default -> send(agent, agent.batch(from, to, 0));
        };
    }

    /// @param hears who hears the receipt
    private String send(@Nullable Agent hears, LedgerBatch batch) {
        String name = nameOf(batch.nodeUid());
        Object answer = world.both("batch " + batch, ipam -> ipam.append(name, batch));
        if (answer instanceof LedgerReceipt receipt) {
            Objects.requireNonNull(world.agents.get(batch.nodeUid())).acknowledged(receipt);
        }
        if (hears != null) {
            if (answer instanceof LedgerReceipt receipt) {
                hears.confirmed(receipt);
            } else {
                session(hears);
            }
        }
        return "batch of " + batch.nodeUid() + " answered " + answer;
    }
}
