package io.multinic.ipam.model;

import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.wire.Nic;
import io.multinic.contract.wire.NodeInventory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Steps of nodes: joining, taking another node's name, changing NICs, retirement, loss and return.
final class NodeSteps {
    static final int NAMES = 5;

    private final WalkState state;
    /// The current UID of each name.
    private final Map<String, String> current = new HashMap<>();
    /// The UIDs that were retired while the ledger showed them as holders.
    private final Set<String> ended = new HashSet<>();

    NodeSteps(WalkState state) {
        this.state = state;
    }

    String put() {
        int number = state.random.nextInt(2 * NAMES);
        return put(number, "n" + (state.oneIn(12) ? state.random.nextInt(NAMES) : number % NAMES));
    }

    /// Reports the node, in most cases with other NICs than before.
    String put(int number, String name) {
        var nics = new ArrayList<Nic>();
        for (int i = 0; i < 3; i++) {
            if (!state.oneIn(3)) {
                nics.add(new Nic("eth" + i, addresses(number)));
            }
        }
        Collections.shuffle(nics, state.random);
        return put(name, new NodeInventory("u" + number, nics));
    }

    String put(String name, NodeInventory inventory) {
        String uid = inventory.nodeUid();
        String what = "node " + name + " is " + inventory;
        state.onBoth(what, ipam -> {
            ipam.putNode(name, inventory);
            return null;
        });
        state.agents.computeIfAbsent(uid, JournaledAgent::new);
        state.names.put(uid, name);
        state.inventories.put(name, inventory);
        current.values().remove(uid);
        current.put(name, uid);
        if (ended.remove(uid)) {
            state.covered.add("retired holder returned");
        }
        return what;
    }

    private List<PrefixedAddress> addresses(int number) {
        var addresses = new ArrayList<PrefixedAddress>();
        int net = state.random.nextInt(3);
        if (!state.oneIn(8)) {
            addresses.add(PrefixedAddress.parse("10.0." + net + "." + (1 + number) + "/24"));
        }
        if (state.oneIn(3)) {
            addresses.add(PrefixedAddress.parse("fd01:" + (1 + net) + "::" + (1 + number) + "/64"));
        }
        if (state.oneIn(6)) {
            addresses.add(PrefixedAddress.parse(state.random.nextBoolean() ? "fe80::1/64" : "169.254.0.1/16"));
        }
        Collections.shuffle(addresses, state.random);
        return addresses;
    }

    String retire() {
        if (state.agents.isEmpty()) {
            return put();
        }
        JournaledAgent agent = state.anyAgent();
        String name = Objects.requireNonNull(state.names.get(agent.uid));
        return state.random.nextBoolean() || !current.containsKey(name)
                ? retire(name, agent.uid, agent.uid, false)
                : retire(name, Objects.requireNonNull(current.get(name)), null, false);
    }

    /// @param target the UID that is meant; the current one of the name when `uid` is null
    String retire(String name, String target, @Nullable String uid, boolean gone) {
        Object answer = state.onBoth((gone ? "gone " : "retire ") + name + " " + uid, ipam -> {
            ipam.retire(name, uid, gone);
            return null;
        });
        if (answer == null) {
            current.values().remove(target);
        }
        return answer == null ? "retired " + target : "not retired " + target;
    }

    /// Retires a node as gone; sometimes it has been silent for long enough.
    String gone() {
        if (state.agents.isEmpty()) {
            return put();
        }
        JournaledAgent agent = state.anyAgent();
        boolean held = state.observed().holds(agent.uid);
        if (state.random.nextBoolean()) {
            state.clock.pass(Duration.ofSeconds(100 + state.random.nextInt(60)));
        }
        String done = retire(Objects.requireNonNull(state.names.get(agent.uid)), agent.uid, agent.uid, true);
        if (held && done.startsWith("retired ")) {
            ended.add(agent.uid);
            state.covered.add("gone while holding addresses");
        }
        return done;
    }
}
