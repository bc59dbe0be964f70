package io.multinic.ipam.truth;

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

/// Nodes come, take another's name, change their NICs, are retired or lost, and come back.
final class NodeSteps {
    static final int NAMES = 5;

    private final World world;
    /// Who has each name now.
    private final Map<String, String> current = new HashMap<>();
    /// Who was retired while the ledger showed it as holder of something.
    private final Set<String> ended = new HashSet<>();

    NodeSteps(World world) {
        this.world = world;
    }

    String put() {
        int number = world.random.nextInt(2 * NAMES);
        return put(number, "n" + (world.oneIn(12) ? world.random.nextInt(NAMES) : number % NAMES));
    }

    /// With other NICs than before, perhaps.
    String put(int number, String name) {
        var nics = new ArrayList<Nic>();
        for (int i = 0; i < 3; i++) {
            if (!world.oneIn(3)) {
                nics.add(new Nic("eth" + i, addresses(number)));
            }
        }
        Collections.shuffle(nics, world.random);
        return put(name, new NodeInventory("u" + number, nics));
    }

    String put(String name, NodeInventory inventory) {
        String uid = inventory.nodeUid();
        String what = "node " + name + " is " + inventory;
        world.both(what, ipam -> {
            ipam.putNode(name, inventory);
            return null;
        });
        world.agents.computeIfAbsent(uid, Agent::new);
        world.names.put(uid, name);
        world.inventories.put(name, inventory);
        current.values().remove(uid);
        current.put(name, uid);
        if (ended.remove(uid)) {
            world.met.add("node back from the dead");
        }
        return what;
    }

    private List<PrefixedAddress> addresses(int number) {
        var addresses = new ArrayList<PrefixedAddress>();
        int net = world.random.nextInt(3);
        if (!world.oneIn(8)) {
            addresses.add(PrefixedAddress.parse("10.0." + net + "." + (1 + number) + "/24"));
        }
        if (world.oneIn(3)) {
            addresses.add(PrefixedAddress.parse("fd01:" + (1 + net) + "::" + (1 + number) + "/64"));
        }
        if (world.oneIn(6)) {
            addresses.add(PrefixedAddress.parse(world.random.nextBoolean() ? "fe80::1/64" : "169.254.0.1/16"));
        }
        Collections.shuffle(addresses, world.random);
        return addresses;
    }

    String retire() {
        if (world.agents.isEmpty()) {
            return put();
        }
        Agent agent = world.someAgent();
        String name = Objects.requireNonNull(world.names.get(agent.uid));
        return world.random.nextBoolean() || !current.containsKey(name)
                ? retire(name, agent.uid, agent.uid, false)
                : retire(name, Objects.requireNonNull(current.get(name)), null, false);
    }

    /// @param who is meant; the current one of the name if `uid` does not say
    String retire(String name, String who, @Nullable String uid, boolean gone) {
        Object answer = world.both((gone ? "gone " : "retire ") + name + " " + uid, ipam -> {
            ipam.retire(name, uid, gone);
            return null;
        });
        if (answer == null) {
            current.values().remove(who);
        }
        return answer == null ? "retired " + who : "not retired " + who;
    }

    /// A machine that is dead, or is said to be: sometimes nobody heard of it for long enough.
    String gone() {
        if (world.agents.isEmpty()) {
            return put();
        }
        Agent agent = world.someAgent();
        boolean held = world.seen().holds(agent.uid);
        if (world.random.nextBoolean()) {
            world.clock.pass(Duration.ofSeconds(100 + world.random.nextInt(60)));
        }
        String done = retire(Objects.requireNonNull(world.names.get(agent.uid)), agent.uid, agent.uid, true);
        if (held && done.startsWith("retired ")) {
            ended.add(agent.uid);
            world.met.add("gone with what it held");
        }
        return done;
    }
}
