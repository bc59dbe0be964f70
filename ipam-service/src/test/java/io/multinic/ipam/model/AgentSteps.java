package io.multinic.ipam.model;

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

/// Steps of agents: allocating and freeing addresses, reporting to the ledger, losing and restoring disks.
final class AgentSteps {
    private final WalkState state;
    private final boolean skewed;
    private int containers;

    /// @param skewed whether the agents' clocks may be ahead of the service's
    AgentSteps(WalkState state, boolean skewed) {
        this.state = state;
        this.skewed = skewed;
    }

    String session() {
        JournaledAgent agent = state.anyAgent();
        switch (state.random.nextInt(6)) {
            case 0 -> agent.wipe();
            case 1 -> agent.restore(state.random.nextInt(3));
            default -> {}
        }
        return session(agent);
    }

    /// The node's name; in one of 40 cases another node's.
    private String nameOf(String uid) {
        return state.oneIn(40)
                ? "n" + state.random.nextInt(NodeSteps.NAMES)
                : Objects.requireNonNull(state.names.get(uid));
    }

    private String session(JournaledAgent agent) {
        return session(agent, nameOf(agent.uid));
    }

    String session(JournaledAgent agent, String name) {
        var request = agent.session();
        if (state.onBoth("session " + request, ipam -> ipam.openSession(name, request)) instanceof SessionGrant grant) {
            agent.granted(grant);
        }
        return "session of " + agent.uid;
    }

    String writeEvents() {
        JournaledAgent agent = state.anyAgent();
        for (int i = state.random.nextInt(4); i >= 0; i--) {
            List<Allocation> held = agent.held();
            switch (state.random.nextInt(30)) {
                case 0 -> { // repeats an allocation that an administrator may have released
                    if (!held.isEmpty()) {
                        repeat(agent, state.pick(held));
                    }
                }
                case 1 -> { // repeats another node's allocation, as a copied disk does
                    List<Allocation> others = state.anyAgent().held();
                    if (!others.isEmpty()) {
                        repeat(agent, state.pick(others));
                    }
                }
                case 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 -> {
                    if (!held.isEmpty()) {
                        agent.write(LedgerEvent.Type.FREED, moment(), state.pick(held));
                    }
                }
                default -> allocate(agent);
            }
        }
        return "events of " + agent.uid;
    }

    private void repeat(JournaledAgent agent, Allocation allocation) {
        state.repeated.add(agent.write(LedgerEvent.Type.ALLOCATED, moment(), allocation));
    }

    private Instant moment() {
        int error = switch (state.random.nextInt(6)) {
            case 0 -> -state.random.nextInt(60_000);
            case 1 -> skewed ? state.random.nextInt(60_000) : 0;
            default -> -state.random.nextInt(200);
        };
        return state.now().plus(Duration.ofNanos(error * 1_000_000L + state.random.nextInt(1_000)));
    }

    /// Allocates, mostly in a block of the node; sometimes as only a faulty agent would.
    private void allocate(JournaledAgent agent) {
        var blocks = state.observed().plan().entrySet().stream()
                .filter(entry -> entry.getKey().uid().equals(agent.uid) || state.oneIn(40))
                .sorted(Comparator.comparing(entry -> entry.getKey().toString()))
                .toList();
        if (blocks.isEmpty()) {
            return;
        }
        var chosen = state.pick(blocks);
        ObservedState.Block block = state.pick(chosen.getValue().blocks());
        int free = block.excluded().nextClearBit(state.random.nextInt((int)
                Math.min(4, block.cidr().size())));
        if (free >= block.cidr().size()) {
            return;
        }
        String network = state.oneIn(60) ? "unknown" : chosen.getKey().network();
        var wanted = allocation(
                network, block.cidr().network().plus(free), chosen.getKey().nic());
        boolean holds = agent.holds(wanted);
        if (holds && !state.oneIn(8)) {
            return;
        }
        if (state.oneIn(60)) {
            agent.write(LedgerEvent.Type.FREED, moment(), wanted); // never allocated
            return;
        }
        agent.write(LedgerEvent.Type.ALLOCATED, moment(), wanted);
        switch (state.random.nextInt(60)) {
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

    /// Allocates and frees by the plan that the agent knows.
    String churn(JournaledAgent agent) {
        for (int i = state.random.nextInt(5); i >= 0; i--) {
            List<Allocation> held = agent.held();
            if (!held.isEmpty() && state.oneIn(3)) {
                agent.write(LedgerEvent.Type.FREED, moment(), state.pick(held));
            } else if (!agent.blocks().isEmpty()) {
                StatedBlock block = state.pick(agent.blocks());
                var wanted = allocation(
                        block.network(), block.podBlock().network().plus(state.random.nextInt(6)), block.nic());
                if (!agent.holds(wanted)) {
                    agent.write(LedgerEvent.Type.ALLOCATED, moment(), wanted);
                }
            }
        }
        return "events of " + agent.uid;
    }

    /// Sends all unconfirmed events. After a refusal the agent needs a new session.
    ///
    /// @return whether the ledger stored them
    boolean sendAll(JournaledAgent agent, String name) {
        var batch = agent.batch(agent.confirmed(), agent.confirmed() + agent.unconfirmed(), 0);
        if (state.onBoth("batch " + batch, ipam -> ipam.append(name, batch)) instanceof LedgerReceipt receipt) {
            agent.confirmed(receipt);
            agent.acknowledged(receipt);
            return true;
        }
        return false;
    }

    String send() {
        var waiting = state.agents.values().stream()
                .filter(agent -> agent.unconfirmed() > 0 || state.oneIn(10))
                .toList();
        if (waiting.isEmpty()) {
            return writeEvents();
        }
        JournaledAgent agent = state.pick(waiting);
        int from = agent.confirmed();
        int to = from + Math.max(0, agent.unconfirmed());
        return switch (state.random.nextInt(8)) {
            case 0 ->
                send(
                        agent,
                        agent.batch(Math.max(0, from - 1 - state.random.nextInt(4)), to, 0)); // some events sent again
            case 1 -> { // a prefix arrives and its receipt is lost
                send(null, agent.batch(from, from + (to - from) / 2, 0));
                yield send(agent, agent.batch(from, to, 0));
            }
            case 2 -> send(null, agent.batch(Math.min(to, from + 1), to, 0)); // a gap
            case 3 -> send(null, agent.batch(from, to, 1)); // of the previous session
            case 4 -> { // one bad event: nothing is stored
                var batch = agent.batch(from, to, 0);
                var events = new ArrayList<>(batch.events());
                events.addAll(batch.events());
                yield send(null, new LedgerBatch(batch.nodeUid(), batch.epoch(), events));
            }
            default -> send(agent, agent.batch(from, to, 0));
        };
    }

    /// @param receiver the agent that gets the receipt; null when it is lost
    private String send(@Nullable JournaledAgent receiver, LedgerBatch batch) {
        String name = nameOf(batch.nodeUid());
        Object answer = state.onBoth("batch " + batch, ipam -> ipam.append(name, batch));
        if (answer instanceof LedgerReceipt receipt) {
            Objects.requireNonNull(state.agents.get(batch.nodeUid())).acknowledged(receipt);
        }
        if (receiver != null) {
            if (answer instanceof LedgerReceipt receipt) {
                receiver.confirmed(receipt);
            } else {
                session(receiver);
            }
        }
        return "batch of " + batch.nodeUid() + " answered " + answer;
    }
}
