package io.multinic.ipam.truth;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.LedgerBatch;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.LedgerReceipt;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.Nic;
import io.multinic.contract.wire.NodeInventory;
import io.multinic.contract.wire.PodRef;
import io.multinic.contract.wire.SessionGrant;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Random steps of users, nodes and agents, done to an ipam-service and to the naive model. After each step both
/// answered alike and hold the same as true, and the [Invariants] hold.
final class Walk {
    private static final List<String> NETWORKS = List.of("one", "two", "three");
    private static final List<List<String>> SUBNETS = List.of(
            List.of("192.168.0.0/22"),
            List.of("192.168.4.0/22", "fd00:10::/118"),
            List.of("fd00:20::/118"),
            List.of("192.168.0.0/21"));
    private static final int NAMES = 5;

    private final Random random;
    private final String seed;
    private final Ipam subject;
    private final Naive naive;
    private final Clock clock;
    private final boolean skewed;
    private final Map<String, Agent> agents = new LinkedHashMap<>();
    private final Map<String, String> names = new LinkedHashMap<>();
    private final Set<Seen.Event> repeated = new HashSet<>();
    private final Set<String> met = new TreeSet<>();
    private Seen before;
    private int containers;

    /// Of the walk's own: each step is a second or so.
    static final class Clock implements InstantSource {
        private Instant now;

        Clock(Instant start) {
            now = start;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    /// @param skewed whether the clocks of nodes may be ahead of the service's: then it must have this one
    Walk(long seed, Ipam subject, Clock clock, boolean skewed) {
        this.random = new Random(seed);
        this.seed = "seed " + seed;
        this.subject = subject;
        this.clock = clock;
        this.skewed = skewed;
        this.naive = new Naive(clock);
        this.before = subject.seen();
    }

    /// The kinds of things that happened, so that a test can tell a walk that meets nothing.
    Set<String> met() {
        before.unplaced().forEach(each -> met.add(each.route() ? "no route" : "no block"));
        before.ledger()
                .values()
                .forEach(history -> history.disputes().forEach(dispute -> {
                    boolean won =
                            history.held().stream().anyMatch(held -> held.by().equals(dispute.by()));
                    met.add(dispute.kind()
                            + (won ? " and got it" : dispute.resolved() == null ? " still" : " in the end"));
                }));
        return met;
    }

    void run(int steps) {
        for (int step = 0; step < steps; step++) {
            clock.now = clock.now.plusMillis(200 + random.nextInt(2_000));
            String where = seed + ", step " + step;
            String done = step();
            Seen seen = subject.seen();
            Seen expected = naive.seen();
            if (!seen.equals(expected)) {
                throw new AssertionError(where + ", after " + done + seen.differenceTo(expected));
            }
            Invariants.require(before, seen, done, where + ", after " + done);
            before = seen;
        }
        Invariants.requireEveryEvent(before, agents.values(), repeated, seed);
    }

    private String step() {
        return switch (random.nextInt(20)) {
            case 0, 1 -> putNetwork();
            case 2 -> random.nextInt(3) == 0 ? deleteNetwork() : session();
            case 3, 4, 5 -> putNode();
            case 6 -> random.nextInt(3) == 0 ? release() : retire();
            case 7 -> session();
            case 8, 9, 10, 11, 12, 13 -> writeEvents();
            default -> send();
        };
    }

    /// What the operation answered, or the code with which it was refused; the same by both.
    private @Nullable Object both(String what, Function<Ipam, @Nullable Object> operation) {
        Object answer = outcome(subject, operation);
        Object expected = outcome(naive, operation);
        assertThat(answer).as(seed + ": " + what).isEqualTo(expected);
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
                                    .sorted((a, b) -> a.toString().compareTo(b.toString()))
                                    .toList())
                    : answer;
        } catch (MultiNicException e) {
            return e.code();
        }
    }

    private <T> T pick(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    private String putNetwork() {
        String name = pick(NETWORKS);
        NetworkDefinition definition = naive.definitions().stream()
                .filter(each -> each.name().equals(name) && random.nextInt(5) > 0)
                .findFirst()
                .map(this::edit)
                .orElseGet(() -> new NetworkDefinition(
                        name, cidrs(pick(SUBNETS)), masterNets(), 1 + random.nextInt(2), 2, List.of(), true));
        String what = "network " + definition;
        both(what, ipam -> {
            ipam.putNetwork(definition);
            return null;
        });
        return what;
    }

    private static List<Cidr> cidrs(List<String> texts) {
        return texts.stream().map(Cidr::parse).toList();
    }

    private List<Cidr> masterNets() {
        var nets = new ArrayList<>(cidrs(List.of("10.0.0.0/24", "10.0.1.0/24", "fd01:2::/64")));
        Collections.shuffle(nets, random);
        return random.nextInt(3) == 0 ? List.of() : nets.subList(0, 1 + random.nextInt(2));
    }

    private NetworkDefinition edit(NetworkDefinition old) {
        int what = random.nextInt(8);
        var excludes = new ArrayList<>(old.excludes());
        if (what < 3) {
            excludes.add(exclude(pick(old.subnets())));
        } else if (what == 3 && !excludes.isEmpty()) {
            excludes.remove(random.nextInt(excludes.size()));
        }
        var subnets = new ArrayList<>(old.subnets());
        if (what == 4 && subnets.size() == 1) {
            subnets.add(Cidr.parse(subnets.getFirst().toString().indexOf(':') < 0 ? "fd00:30::/118" : "172.16.0.0/22"));
        }
        int hostBlock = what == 5 ? 2 + random.nextInt(2) : old.hostBlock();
        int interfaceBlock = what == 6 ? 1 + random.nextInt(2) : old.interfaceBlock();
        return new NetworkDefinition(
                old.name(),
                subnets,
                what == 7 ? masterNets() : old.masterNets(),
                interfaceBlock,
                hostBlock,
                excludes,
                random.nextInt(10) > 0);
    }

    private Cidr exclude(Cidr subnet) {
        int length = subnet.prefixLength() + 1 + random.nextInt(subnet.hostBits());
        return Cidr.containing(subnet.network().plus(random.nextInt((int) subnet.size())), length);
    }

    private String deleteNetwork() {
        String name = pick(NETWORKS);
        both("delete " + name, ipam -> {
            ipam.deleteNetwork(name);
            return null;
        });
        return "network " + name + " deleted";
    }

    private String putNode() {
        int number = random.nextInt(2 * NAMES);
        String uid = "u" + number;
        String name = "n" + (random.nextInt(12) == 0 ? random.nextInt(NAMES) : number % NAMES);
        var nics = new ArrayList<Nic>();
        for (int i = 0; i < 3; i++) {
            if (random.nextInt(3) > 0) {
                nics.add(new Nic("eth" + i, addresses(number)));
            }
        }
        Collections.shuffle(nics, random);
        var inventory = new NodeInventory(uid, nics);
        both("node " + name + " is " + inventory, ipam -> {
            ipam.putNode(name, inventory);
            return null;
        });
        agents.computeIfAbsent(uid, Agent::new);
        names.put(uid, name);
        return "node " + name + " is " + inventory;
    }

    private List<PrefixedAddress> addresses(int number) {
        var addresses = new ArrayList<PrefixedAddress>();
        int net = random.nextInt(3);
        if (random.nextInt(8) > 0) {
            addresses.add(PrefixedAddress.parse("10.0." + net + "." + (1 + number) + "/24"));
        }
        if (random.nextInt(3) == 0) {
            addresses.add(PrefixedAddress.parse("fd01:" + (1 + net) + "::" + (1 + number) + "/64"));
        }
        if (random.nextInt(6) == 0) {
            addresses.add(PrefixedAddress.parse(random.nextBoolean() ? "fe80::1/64" : "169.254.0.1/16"));
        }
        Collections.shuffle(addresses, random);
        return addresses;
    }

    private String retire() {
        if (agents.isEmpty()) {
            return putNode();
        }
        Agent agent = pick(List.copyOf(agents.values()));
        String name = Objects.requireNonNull(names.get(agent.uid));
        String uid = random.nextBoolean() ? agent.uid : null;
        both("retire " + name + " " + uid, ipam -> {
            ipam.retire(name, uid);
            return null;
        });
        return "retired " + name + " " + uid;
    }

    /// Mostly of an address that is held.
    private String release() {
        var held = before.ledger().entrySet().stream()
                .filter(entry ->
                        entry.getValue().held().stream().anyMatch(each -> each.to() == null) || random.nextInt(10) == 0)
                .map(Map.Entry::getKey)
                .filter(key -> naive.definitions().stream()
                        .anyMatch(network -> network.name().equals(key.network())))
                .sorted((a, b) -> a.toString().compareTo(b.toString()))
                .toList();
        if (held.isEmpty()) {
            return writeEvents();
        }
        Seen.Key key = pick(held);
        both("release " + key, ipam -> ipam.release(key.network(), key.address()));
        return "released " + key;
    }

    private String session() {
        if (agents.isEmpty()) {
            return putNode();
        }
        Agent agent = pick(List.copyOf(agents.values()));
        switch (random.nextInt(6)) {
            case 0 -> agent.wipe();
            case 1 -> agent.restore(random.nextInt(3));
            default -> {}
        }
        return session(agent);
    }

    /// Now and then the wrong one.
    private String nameOf(String uid) {
        return random.nextInt(40) == 0 ? "n" + random.nextInt(NAMES) : Objects.requireNonNull(names.get(uid));
    }

    private String session(Agent agent) {
        String name = nameOf(agent.uid);
        var request = agent.session();
        if (both("session " + request, ipam -> ipam.openSession(name, request)) instanceof SessionGrant grant) {
            agent.granted(grant);
        }
        return "session of " + agent.uid;
    }

    private String writeEvents() {
        if (agents.isEmpty()) {
            return putNode();
        }
        Agent agent = pick(List.copyOf(agents.values()));
        for (int i = random.nextInt(4); i >= 0; i--) {
            List<Allocation> held = agent.held();
            switch (random.nextInt(30)) {
                case 0 -> { // says again what it has, which an administrator may have taken from it
                    if (!held.isEmpty()) {
                        repeated.add(agent.write(LedgerEvent.Type.ALLOCATED, moment(), pick(held)));
                    }
                }
                case 1 -> { // says of itself what another node has: a disk that was copied
                    List<Allocation> others = pick(List.copyOf(agents.values())).held();
                    if (!others.isEmpty()) {
                        repeated.add(agent.write(LedgerEvent.Type.ALLOCATED, moment(), pick(others)));
                    }
                }
                case 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 -> {
                    if (!held.isEmpty()) {
                        agent.write(LedgerEvent.Type.FREED, moment(), pick(held));
                    }
                }
                default -> allocate(agent);
            }
        }
        return "events of " + agent.uid;
    }

    private Instant moment() {
        int error = switch (random.nextInt(6)) {
            case 0 -> -random.nextInt(60_000);
            case 1 -> skewed ? random.nextInt(60_000) : 0;
            default -> -random.nextInt(200);
        };
        return clock.now.plus(Duration.ofNanos(error * 1_000_000L + random.nextInt(1_000)));
    }

    /// Mostly in a block of the node; now and then what only a fault could do.
    private void allocate(Agent agent) {
        var blocks = before.plan().entrySet().stream()
                .filter(entry -> entry.getKey().uid().equals(agent.uid) || random.nextInt(40) == 0)
                .sorted((a, b) -> a.getKey().toString().compareTo(b.getKey().toString()))
                .toList();
        if (blocks.isEmpty()) {
            return;
        }
        var chosen = pick(blocks);
        Seen.Block block = pick(chosen.getValue().blocks());
        int free = block.excluded()
                .nextClearBit(random.nextInt((int) Math.min(4, block.cidr().size())));
        if (free >= block.cidr().size()) {
            return;
        }
        String network =
                random.nextInt(60) == 0 ? "unheard-of" : chosen.getKey().network();
        var wanted = allocation(
                network, block.cidr().network().plus(free), chosen.getKey().nic());
        boolean holds = agent.holds(wanted);
        if (holds && random.nextInt(8) > 0) {
            return;
        }
        if (random.nextInt(60) == 0) {
            agent.write(LedgerEvent.Type.FREED, moment(), wanted); // of what nobody gave it
            return;
        }
        agent.write(LedgerEvent.Type.ALLOCATED, moment(), wanted);
        switch (random.nextInt(60)) {
            case 0 -> repeated.add(agent.write(LedgerEvent.Type.ALLOCATED, moment(), wanted));
            case 1 -> agent.write(LedgerEvent.Type.FREED, moment(), wanted);
            default -> {}
        }
    }

    private Allocation allocation(String network, IpAddress address, String nic) {
        String container = "c" + ++containers;
        return new Allocation(
                network, address, nic, new PodRef("default", "pod-" + container, ""), container, "net1", "net1-0");
    }

    private String send() {
        var waiting = agents.values().stream()
                .filter(agent -> agent.unconfirmed() > 0 || random.nextInt(10) == 0)
                .toList();
        if (waiting.isEmpty()) {
            return writeEvents();
        }
        Agent agent = pick(waiting);
        int from = agent.confirmed();
        int to = from + Math.max(0, agent.unconfirmed());
        return switch (random.nextInt(8)) {
            case 0 -> send(agent, agent.batch(Math.max(0, from - 1 - random.nextInt(4)), to, 0)); // a part doubled
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
        Object answer = both("batch " + batch, ipam -> ipam.append(name, batch));
        if (answer instanceof LedgerReceipt receipt) {
            Objects.requireNonNull(agents.get(batch.nodeUid())).acknowledged(receipt);
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
