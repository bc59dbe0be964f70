package io.multinic.ipam.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.wire.LedgerBatch;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.NetworkPreview;
import io.multinic.contract.wire.NetworkPreview.BlockChange;
import io.multinic.contract.wire.NetworkState;
import io.multinic.contract.wire.Nic;
import io.multinic.contract.wire.NodeBlock;
import io.multinic.contract.wire.NodeInventory;
import io.multinic.contract.wire.Page;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import io.multinic.ipam.support.Rest;
import io.multinic.ipam.support.Samples;
import io.multinic.ipam.support.TestService;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.core.type.TypeReference;

/// Random definitions on a randomly changing cluster with held addresses: each definition is previewed and put, and
/// the preview is compared with the result.
class PreviewWalkIT {
    private static final int STEPS = 60;
    private static final int NODES = 5;
    private static final List<String> NETWORKS = List.of("one", "two");
    private static final List<String> IPV4 = List.of("192.168.0.0/20", "192.168.16.0/20", "192.168.8.0/21");
    private static final List<String> IPV6 = List.of("fd00:10::/116", "fd00:20::/64", "fd00:10::800/117");
    private static final List<String> MASTER_NETS =
            List.of("10.0.1.0/24", "10.0.2.0/28", "10.0.2.0/24", "fd00:1::/120");

    private final Rest rest = TestService.shared().rest();

    static LongStream seeds() {
        return LongStream.range(0, Math.max(5, Long.getLong("seeds", 0) / 50));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void previewEqualsTheResultOfPut(long seed) throws SQLException {
        TestService.sharedDatabase().clear();
        new Walk(seed).run();
    }

    /// A block and its NIC.
    private record Owned(String nodeUid, String nic, Cidr block) implements Comparable<Owned> {
        @Override
        public int compareTo(Owned other) {
            return toString().compareTo(other.toString());
        }
    }

    /// A definition in the form of a request, which may be invalid.
    private record Draft(
            List<String> subnets,
            List<String> masterNets,
            int interfaceBlock,
            int hostBlock,
            List<String> excludes,
            boolean hostRoutes) {
        Draft with(List<String> otherSubnets) {
            return new Draft(otherSubnets, masterNets, interfaceBlock, hostBlock, excludes, hostRoutes);
        }

        String json(String name) {
            return """
                    {"name": "%s", "subnets": [%s], "masterNets": [%s], "interfaceBlock": %d, "hostBlock": %d,
                     "excludes": [%s], "hostRoutes": %b}""".formatted(
                    name, quoted(subnets), quoted(masterNets), interfaceBlock, hostBlock, quoted(excludes), hostRoutes);
        }

        private static String quoted(List<String> texts) {
            return texts.stream().map(text -> '"' + text + '"').collect(Collectors.joining(", "));
        }
    }

    private final class Walk {
        private final Random random;
        private final String seed;
        private final Map<String, Draft> drafts = new HashMap<>();
        private final Map<Integer, Long> epochs = new HashMap<>();
        private final Map<Integer, Long> sequences = new HashMap<>();
        private final Map<Integer, List<LedgerEvent>> held = new HashMap<>();

        Walk(long seed) {
            random = new Random(seed);
            this.seed = "seed " + seed;
        }

        void run() throws SQLException {
            for (int node = 1; node <= NODES; node++) {
                putNode(node);
            }
            for (int step = 0; step < STEPS; step++) {
                String at = seed + ", step " + step;
                switch (random.nextInt(6)) {
                    case 0, 1 -> putNode(1 + random.nextInt(NODES));
                    case 2 -> hold();
                    case 3 -> free();
                    default -> {}
                }
                previewAndPut(pick(NETWORKS), at);
            }
        }

        private <T> T pick(List<T> some) {
            return some.get(random.nextInt(some.size()));
        }

        private void putNode(int node) {
            var nics = new ArrayList<Nic>();
            for (int i = 0; i < 3; i++) {
                if (random.nextInt(3) > 0) {
                    nics.add(nic("eth" + i, node));
                }
            }
            assertThat(rest.put("/api/v1/nodes/node" + node, new NodeInventory("uid-" + node, nics))
                            .status())
                    .isEqualTo(204);
        }

        private Nic nic(String name, int node) {
            var addresses = new ArrayList<String>();
            for (String net : List.of("10.0.1.%d/24", "10.0.2.%d/28", "10.0.2.%d/24", "fd00:1::%d/120")) {
                if (random.nextInt(3) == 0) {
                    addresses.add(net.formatted(node + 5 * random.nextInt(2)));
                }
            }
            return new Nic(name, addresses.stream().map(PrefixedAddress::parse).toList());
        }

        /// Allocates an address, mostly in a block of the node, sometimes in another node's.
        private void hold() {
            var all = new ArrayList<NodeBlock>();
            NETWORKS.forEach(network -> all.addAll(blocks(network)));
            int node = 1 + random.nextInt(NODES);
            var own = all.stream()
                    .filter(block -> random.nextInt(8) == 0 || block.nodeUid().equals("uid-" + node))
                    .toList();
            if (own.isEmpty()) {
                return;
            }
            NodeBlock in = pick(own);
            String network = NETWORKS.stream()
                    .filter(name -> blocks(name).contains(in))
                    .findFirst()
                    .orElseThrow();
            long sequence = sequences.merge(node, 1L, Long::sum);
            String address = in.block().podBlock().last().toString();
            var event = new LedgerEvent(
                    sequence,
                    LedgerEvent.Type.ALLOCATED,
                    Samples.T0.plusSeconds(sequence),
                    Samples.allocation(network, address, "c" + node + "-" + sequence));
            held.computeIfAbsent(node, any -> new ArrayList<>()).add(event);
            send(node, event);
        }

        private void free() {
            for (int node = 1; node <= NODES; node++) {
                List<LedgerEvent> events = held.getOrDefault(node, List.of());
                if (!events.isEmpty() && random.nextBoolean()) {
                    LedgerEvent first = events.removeFirst();
                    long sequence = sequences.merge(node, 1L, Long::sum);
                    send(
                            node,
                            new LedgerEvent(
                                    sequence,
                                    LedgerEvent.Type.FREED,
                                    Samples.T0.plusSeconds(sequence),
                                    first.allocation()));
                }
            }
        }

        private void send(int node, LedgerEvent event) {
            String path = "/api/v1/nodes/node" + node;
            long epoch = epochs.computeIfAbsent(
                    node,
                    any -> rest.post(path + "/session", new SessionRequest("uid-" + node, "s", null, List.of()))
                            .as(SessionGrant.class)
                            .epoch());
            var answer = rest.post(path + "/ledger", new LedgerBatch("uid-" + node, epoch, List.of(event)));
            assertThat(answer.status()).as(answer.detail()).isEqualTo(200);
        }

        private void previewAndPut(String network, String at) throws SQLException {
            String path = "/api/v1/networks/" + network;
            Draft draft = draft(network);
            String definition = draft.json(network);
            var previewed = rest.post(path + "/preview", definition);
            Set<Owned> before = owned(network);
            boolean accepted = previewed.status() == 200
                    && previewed.as(NetworkPreview.class).accepted();
            List<String> rows =
                    accepted ? List.of() : TestService.sharedDatabase().dump();
            var put = rest.put(path, definition);
            String what = at + ": " + definition + ": " + put.response().body();
            if (previewed.status() != 200) {
                assertThat(List.of(put.status(), put.code(), put.detail()))
                        .as(what)
                        .containsExactly(previewed.status(), previewed.code(), previewed.detail());
                return;
            }
            var preview = previewed.as(NetworkPreview.class);
            assertThat(put.status() == 200).as(what).isEqualTo(preview.accepted());
            if (!preview.accepted()) {
                assertThat(put.code()).as(what).isEqualTo(String.valueOf(preview.code()));
                assertThat(put.detail()).as(what).isEqualTo(preview.reason());
                assertThat(TestService.sharedDatabase().dump())
                        .as(what + " changes nothing")
                        .isEqualTo(rows);
                return;
            }
            drafts.put(network, draft);
            check(preview, before, put.as(NetworkState.class), what);
        }

        private void check(NetworkPreview preview, Set<Owned> before, NetworkState after, String what)
                throws SQLException {
            String network = after.network().name();
            var expected = new TreeSet<>(before);
            for (BlockChange change : preview.blocks()) {
                if (change.from() != null) {
                    assertThat(expected.remove(new Owned(change.nodeUid(), change.nic(), change.from())))
                            .as(what + ": " + change)
                            .isTrue();
                }
            }
            for (BlockChange change : preview.blocks()) {
                if (change.to() != null) {
                    expected.add(new Owned(change.nodeUid(), change.nic(), change.to()));
                    assertThat(TestService.sharedDatabase()
                                    .count("SELECT count(*)"
                                            + " FROM block JOIN network ON network.id = network_id WHERE name = '"
                                            + network + "' AND cidr = '" + change.to() + "' AND capacity = "
                                            + change.capacity()))
                            .as(what + ": " + change)
                            .isEqualTo(1);
                }
            }
            assertThat(owned(network)).as(what).isEqualTo(expected);
            assertThat(Set.copyOf(preview.unplaced()))
                    .as(what)
                    .isEqualTo(after.unplaced().stream()
                            .filter(one -> !one.reason().contains("is held by pod"))
                            .collect(Collectors.toSet()));
            assertThat(preview.interfaces())
                    .as(what)
                    .extracting(in -> in.index() + " " + in.masterNet() + " "
                            + in.spaces().stream()
                                    .map(space -> space.interfaceBlock())
                                    .toList())
                    .isEqualTo(after.interfaces().stream()
                            .map(in -> in.index() + " " + in.masterNet() + " " + in.interfaceBlocks())
                            .toList());
            assertThat(preview.interfaces())
                    .as(what)
                    .extracting(in -> (long) in.taken())
                    .isEqualTo(after.interfaces().stream()
                            .map(in -> blocks(network).stream()
                                    .filter(block -> block.block().interfaceIndex() == in.index())
                                    .map(block -> block.block().hostIndex())
                                    .distinct()
                                    .count())
                            .toList());
            assertThat(rest.post("/api/v1/networks/" + network + "/preview", after.network())
                            .as(NetworkPreview.class)
                            .blocks())
                    .as(what + " is done")
                    .isEmpty();
        }

        /// A new definition, often the last one with one change; some are contradictory.
        private Draft draft(String name) {
            var subnets = new ArrayList<String>();
            if (random.nextInt(4) > 0) {
                if (random.nextInt(4) > 0) {
                    subnets.add(pick(IPV4));
                }
                if (random.nextBoolean()) {
                    subnets.add(pick(IPV6));
                }
            }
            var masterNets = new ArrayList<>(MASTER_NETS);
            Collections.shuffle(masterNets, random);
            var excludes = new ArrayList<String>();
            for (int i = random.nextInt(4); i > 0; i--) {
                excludes.add(exclude());
            }
            var fresh = new Draft(
                    subnets,
                    masterNets.subList(0, random.nextInt(4)),
                    random.nextInt(4),
                    random.nextInt(9),
                    excludes,
                    random.nextBoolean());
            Draft last = drafts.getOrDefault(name, fresh);
            return switch (random.nextInt(9)) {
                case 0 -> last.with(last.subnets().reversed());
                case 1 -> last.with(fresh.subnets());
                case 2 ->
                    new Draft(last.subnets, fresh.masterNets, last.interfaceBlock, last.hostBlock, last.excludes, true);
                case 3 ->
                    new Draft(last.subnets, last.masterNets, fresh.interfaceBlock, last.hostBlock, last.excludes, true);
                case 4 ->
                    new Draft(last.subnets, last.masterNets, last.interfaceBlock, fresh.hostBlock, last.excludes, true);
                case 5 ->
                    new Draft(last.subnets, last.masterNets, last.interfaceBlock, last.hostBlock, fresh.excludes, true);
                default -> fresh;
            };
        }

        private String exclude() {
            Cidr in = Cidr.parse(pick(random.nextBoolean() ? IPV4 : random.nextBoolean() ? IPV6 : MASTER_NETS));
            int longer = Math.min(in.hostBits(), random.nextInt(13));
            return Cidr.containing(
                            in.network().plus(random.nextInt(1 << longer), in.hostBits() - longer),
                            in.prefixLength() + longer)
                    .toString();
        }

        private Set<Owned> owned(String network) {
            return blocks(network).stream()
                    .map(block -> new Owned(
                            block.nodeUid(), block.block().nic(), block.block().podBlock()))
                    .collect(Collectors.toCollection(TreeSet::new));
        }

        private List<NodeBlock> blocks(String network) {
            var answer = rest.get("/api/v1/networks/" + network + "/blocks?limit=1000");
            return answer.status() == 404
                    ? List.of()
                    : answer.as(new TypeReference<Page<NodeBlock>>() {}).items();
        }
    }
}
