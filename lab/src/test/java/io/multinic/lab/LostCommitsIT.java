package io.multinic.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.crd.HostInterface;
import io.multinic.contract.crd.MultiNicNetwork;
import io.multinic.contract.wire.AllocationInterval;
import io.multinic.contract.wire.NetworkState;
import io.multinic.contract.wire.NodeBlock;
import io.multinic.contract.wire.QuarantineState;
import io.multinic.lab.layout.LabNode;
import io.multinic.lab.pod.LabPod;
import io.multinic.lab.pod.PingMatrix;
import io.multinic.lab.process.ServiceProcess;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// PostgreSQL comes back with less than it confirmed. The agents have their plans and journals on disk, and pods run
/// on: what was lost is made again from them, and nothing of it is given away before.
class LostCommitsIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    /// Came after the copy of the database was made.
    private static final String LATE = "late-network";
    /// Came and went after it.
    private static final String PASSING = "passing-network";
    /// Came while the database asked what it lacks.
    private static final String NEWEST = "newest-network";

    private final Lab lab = SharedLab.get();
    private final Networks networks = new Networks(lab.kubernetes());
    private final PostgresDirectory disk = PostgresDirectory.of(lab.files());
    private final List<LabNode> first = lab.layout().nodes();
    private final LabNode late = lab.layout().late();
    /// Its agent is down when the database comes back.
    private final LabNode silent = first.getLast();
    /// Those whose agents run all the time.
    private final List<LabNode> speaking = Stream.concat(
                    first.stream().filter(node -> !node.equals(silent)), Stream.of(late))
            .toList();
    /// Every pod that runs, and the network that it is in.
    private final Map<LabPod, String> running = new LinkedHashMap<>();

    /// In which way commits get lost.
    enum Loss {
        /// A standby that lacked them is promoted.
        PROMOTION("timeline"),
        /// A snapshot of the disk is put in its place.
        SNAPSHOT("it was set back"),
        /// All of them are.
        EVERYTHING("the other one was lost");

        private final String reason;

        Loss(String reason) {
            this.reason = reason;
        }
    }

    @ParameterizedTest
    @EnumSource
    void everybodyHasWhatItHadAndNobodyGetsAnythingNewBeforeAllHaveSpoken(Loss loss) {
        List<NodeState> before = first.stream().map(NodeState::of).toList();
        podsOn(first, "stays", SharedLab.SAMPLE);
        podsOn(first, "goes", SharedLab.SAMPLE);
        podsOn(first, "goes-without-ipam", SharedLab.SAMPLE);
        podsOn(first, "goes-in-quarantine", SharedLab.SAMPLE);
        PingWatch pings = PingWatch.around(named("stays"));
        awaitLedger();

        PostgresDirectory older = older();
        lab.join(late);
        makeNetwork(LATE, "10.77.0.0/16");
        makeNetwork(PASSING, "10.78.0.0/16");
        networks.awaitReady(LATE);
        networks.awaitReady(PASSING);
        removeNetwork(PASSING);
        podsOn(List.of(late), "joined", SharedLab.SAMPLE);
        podsOn(everyNode(), "late", LATE);
        delete("goes");
        awaitLedger();
        Set<NodeBlock> known = blocks(SharedLab.SAMPLE, LATE);
        assertThat(known).hasSize(2 * 4 * 2);

        lab.agent(silent).kill();
        lab.ipam().kill();
        podsOn(speaking, "without-ipam", LATE);
        deleteOn(speaking, "goes-without-ipam");
        lose(loss, older);
        start(lab.ipam());

        QuarantineState quarantine = awaitOnlySilentUnheard();
        assertThat(quarantine.reason()).contains(loss.reason);
        assertThat(blocksOf(speaking, SharedLab.SAMPLE, LATE)).isEqualTo(of(speaking, known));
        makeNetwork(NEWEST, "10.79.0.0/16");
        awaitUnplaced();
        podsOn(speaking, "in-quarantine", SharedLab.SAMPLE);
        deleteOn(speaking, "goes-in-quarantine");
        allReachEachOther();
        assertThat(lab.ipamApi().quarantine().active()).isTrue();
        assertThat(lab.ipamApi().blocks(NEWEST)).isEmpty();

        start(lab.agent(silent));
        Deadline.await(
                "quarantine to end by itself",
                SOON,
                () -> !lab.ipamApi().quarantine().active(),
                () -> "it is " + lab.ipamApi().quarantine());
        assertThat(lab.ipamApi().quarantine().unsettled()).isEmpty();
        delete("goes-without-ipam");
        delete("goes-in-quarantine");
        networks.awaitReady(NEWEST);
        podsOn(everyNode(), "newest", NEWEST);
        awaitLedger();
        assertThat(blocks(SharedLab.SAMPLE, LATE)).isEqualTo(known);
        assertThat(lab.ipamApi().openConflicts()).isEmpty();
        Stream.of(SharedLab.SAMPLE, LATE, NEWEST).forEach(this::noAddressWasHeldTwiceAtOnce);
        allReachEachOther();
        pings.requireNothingLost();
        leaveAsFound(before);
    }

    // ---- pods and networks ----------------------------------------------------------------------------------------

    private List<LabNode> everyNode() {
        return Stream.concat(first.stream(), Stream.of(late)).toList();
    }

    private void podsOn(List<LabNode> nodes, String name, String network) {
        nodes.forEach(node ->
                running.put(lab.pods().create(node, "default", node.name() + "-" + name, network), network));
    }

    private List<LabPod> named(String name) {
        return running.keySet().stream()
                .filter(pod -> pod.name().equals(pod.node().name() + "-" + name))
                .toList();
    }

    private void delete(String name) {
        deleteOn(everyNode(), name);
    }

    private void deleteOn(List<LabNode> nodes, String name) {
        named(name).stream().filter(pod -> nodes.contains(pod.node())).forEach(pod -> {
            lab.pods().delete(pod);
            running.remove(pod);
        });
    }

    private void allReachEachOther() {
        for (String network : new HashSet<>(running.values())) {
            PingMatrix matrix = PingMatrix.of(running.keySet().stream()
                    .filter(pod -> network.equals(running.get(pod)))
                    .toList());
            assertThat(matrix.rows())
                    .isNotEmpty()
                    .allSatisfy(row -> assertThat(row.connected())
                            .as(row.toString())
                            .isEqualTo(row.pings().size()));
        }
    }

    private void makeNetwork(String name, String subnet) {
        networks.create(Serialization.unmarshal("""
                apiVersion: multinic.fms.io/v1
                kind: MultiNicNetwork
                metadata: {name: "%s"}
                spec:
                  subnet: "%s"
                  ipam: '{"type":"multi-nic-ipam","hostBlock":6,"interfaceBlock":2,"vlanMode":"l3"}'
                  multiNICIPAM: true
                  plugin: {cniVersion: "0.3.0", type: ptp}
                  masterNets: ["10.0.1.0/24", "10.0.2.0/24"]
                """.formatted(name, subnet), MultiNicNetwork.class));
    }

    private void removeNetwork(String name) {
        var resource = lab.kubernetes().resources(MultiNicNetwork.class).withName(name);
        resource.delete();
        Deadline.await(name + " gone", SOON, () -> resource.get() == null, () -> "it is still there");
    }

    private void leaveAsFound(List<NodeState> before) {
        List.copyOf(running.keySet()).forEach(lab.pods()::delete);
        running.clear();
        awaitLedger();
        removeNetwork(LATE);
        removeNetwork(NEWEST);
        lab.leave(late);
        Deadline.await(
                late.name() + " retired, and its HostInterface gone",
                SOON,
                () -> lab.ipamApi().nodes().size() == first.size()
                        && lab.kubernetes()
                                        .resources(HostInterface.class)
                                        .withName(late.name())
                                        .get()
                                == null,
                () -> "ipam-service knows " + lab.ipamApi().nodes());
        Deadline.await(
                "nodes as they were",
                SOON,
                () -> first.stream().map(NodeState::of).toList().equals(before),
                () -> "they are " + first.stream().map(NodeState::of).toList() + ", they were " + before);
    }

    // ---- the database ---------------------------------------------------------------------------------------------

    private void start(ServiceProcess service) {
        service.start();
        lab.awaitReady(List.of(service));
    }

    /// The database as it is now, and is to be again.
    private PostgresDirectory older() {
        lab.ipam().end();
        PostgresDirectory copy = disk.copyTo("postgres-older");
        start(lab.ipam());
        return copy;
    }

    private void lose(Loss loss, PostgresDirectory older) {
        switch (loss) {
            case PROMOTION -> {
                disk.setBackTo(older);
                disk.promoteAtNextStart();
            }
            case SNAPSHOT -> disk.setBackTo(older);
            case EVERYTHING -> disk.remove();
        }
    }

    // ---- what ipam-service says -----------------------------------------------------------------------------------

    private Set<NodeBlock> blocks(String... names) {
        return Stream.of(names)
                .flatMap(name -> lab.ipamApi().blocks(name).stream())
                .collect(Collectors.toSet());
    }

    private Set<NodeBlock> blocksOf(List<LabNode> nodes, String... names) {
        return of(nodes, blocks(names));
    }

    private static Set<NodeBlock> of(List<LabNode> nodes, Set<NodeBlock> blocks) {
        Set<String> names = nodes.stream().map(LabNode::name).collect(Collectors.toSet());
        return blocks.stream().filter(block -> names.contains(block.node())).collect(Collectors.toSet());
    }

    /// All that run have spoken, also the node that the database had lost; and it waits for the one that does not run.
    private QuarantineState awaitOnlySilentUnheard() {
        Deadline.await(
                "quarantine that waits for " + silent.name() + " alone",
                SOON,
                () -> {
                    QuarantineState state = lab.ipamApi().quarantine();
                    return state.active()
                            && state.unsettled().isEmpty()
                            && lab.ipamApi().nodes().size() == everyNode().size()
                            && state.waitingFor().stream()
                                    .map(QuarantineState.Waiting::node)
                                    .toList()
                                    .equals(List.of(silent.name()));
                },
                () -> "it is " + lab.ipamApi().quarantine() + " with the nodes "
                        + lab.ipamApi().nodes());
        return lab.ipamApi().quarantine();
    }

    /// The newest network has no block on any node, and says for whom that is.
    private void awaitUnplaced() {
        int nics = everyNode().size() * 2;
        Deadline.await(
                NEWEST + " without a block",
                SOON,
                () -> networks.status(NEWEST).isPresent()
                        && lab.ipamApi().network(NEWEST).unplaced().size() == nics,
                () -> "its status is " + networks.status(NEWEST));
        assertThat(lab.ipamApi().network(NEWEST).unplaced())
                .extracting(NetworkState.Unplaced::reason)
                .allSatisfy(reason -> assertThat(reason)
                        .contains("no new index is given out", silent.name(), "see to it that their agents run"));
        assertThat(lab.ipamApi().blocks(NEWEST)).isEmpty();
    }

    private record Held(
            String network, IpAddress address, String node, String pod, String containerId, String podInterface) {}

    /// Waits until exactly what pods hold is open in the ledger, of the pods and nodes that hold it.
    private void awaitLedger() {
        Set<Held> held = held();
        Deadline.await(
                "the ledger with what is held, " + held, SOON, () -> open().equals(held), () -> "it has " + open());
    }

    private Set<Held> held() {
        var held = new HashSet<Held>();
        running.forEach((pod, network) -> pod.interfaces()
                .forEach(nic -> held.add(new Held(
                        network,
                        nic.addresses().getFirst().address(),
                        pod.node().name(),
                        pod.toString(),
                        pod.sandbox().containerId(),
                        nic.name()))));
        return held;
    }

    private Set<Held> open() {
        return Stream.of(SharedLab.SAMPLE, LATE, PASSING, NEWEST)
                .flatMap(network -> lab.ipamApi().audit(network).stream())
                .filter(interval -> interval.to() == null)
                .map(interval -> new Held(
                        interval.allocation().network(),
                        interval.allocation().address(),
                        interval.node(),
                        interval.allocation().pod().namespace() + "/"
                                + interval.allocation().pod().name(),
                        interval.allocation().containerId(),
                        interval.allocation().podInterface()))
                .collect(Collectors.toSet());
    }

    private void noAddressWasHeldTwiceAtOnce(String network) {
        Map<IpAddress, List<AllocationInterval>> byAddress = lab.ipamApi().audit(network).stream()
                .collect(Collectors.groupingBy(interval -> interval.allocation().address()));
        byAddress.forEach((address, intervals) -> {
            var ordered = new ArrayList<>(intervals);
            ordered.sort((one, other) -> one.from().compareTo(other.from()));
            for (int i = 1; i < ordered.size(); i++) {
                Instant end = ordered.get(i - 1).to();
                assertThat(end)
                        .as("%s of %s: %s", address, network, ordered)
                        .isNotNull()
                        .isBeforeOrEqualTo(ordered.get(i).from());
            }
        });
    }
}
