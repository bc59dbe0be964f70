package io.multinic.lab.outage;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.crd.HostInterface;
import io.multinic.contract.crd.MultiNicNetwork;
import io.multinic.contract.wire.AllocationInterval;
import io.multinic.contract.wire.NetworkState;
import io.multinic.contract.wire.NodeBlock;
import io.multinic.contract.wire.QuarantineState;
import io.multinic.lab.client.MultiNicNetworks;
import io.multinic.lab.fixture.ContinuousPing;
import io.multinic.lab.fixture.KernelState;
import io.multinic.lab.fixture.PostgresDirectory;
import io.multinic.lab.fixture.SharedLab;
import io.multinic.lab.layout.LabNode;
import io.multinic.lab.pod.LabPod;
import io.multinic.lab.pod.PingMatrix;
import io.multinic.lab.process.Deadline;
import io.multinic.lab.process.ServiceProcess;
import io.multinic.lab.services.Lab;
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

/// PostgreSQL restarts without some of its committed transactions, while pods keep running. ipam-service restores the
/// lost state from the agents' plans and journals, and assigns nothing new before all nodes have reported.
class LostCommitsIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    /// Created after the copy of the database was made.
    private static final String LATE = "late-network";

    /// Created and deleted after the copy.
    private static final String DELETED = "deleted-network";

    /// Created during the quarantine.
    private static final String NEWEST = "newest-network";

    private final Lab lab = SharedLab.get();
    private final MultiNicNetworks networks = new MultiNicNetworks(lab.kubernetes());
    private final PostgresDirectory disk = PostgresDirectory.of(lab.files());
    private final List<LabNode> first = lab.layout().nodes();
    private final LabNode late = lab.layout().late();

    /// The node whose agent does not run when the database restarts.
    private final LabNode down = first.getLast();

    /// The nodes whose agents run all the time.
    private final List<LabNode> up = Stream.concat(first.stream().filter(node -> !node.equals(down)), Stream.of(late))
            .toList();

    /// Every running pod, with its network.
    private final Map<LabPod, String> running = new LinkedHashMap<>();

    /// The ways in which commits are lost, with a part of the quarantine's reason.
    enum Loss {
        /// A standby that lacks commits is promoted.
        PROMOTION("timeline"),
        /// The disk is restored from a snapshot.
        SNAPSHOT("it was set back"),
        /// The whole database is lost.
        EVERYTHING("the other one was lost");

        private final String reason;

        Loss(String reason) {
            this.reason = reason;
        }
    }

    @ParameterizedTest
    @EnumSource
    void nodesKeepTheirBlocksAndNothingIsAssignedBeforeAllNodesHaveReported(Loss loss) {
        List<KernelState> before = first.stream().map(KernelState::of).toList();
        podsOn(first, "stays", SharedLab.SAMPLE);
        podsOn(first, "deleted-early", SharedLab.SAMPLE);
        podsOn(first, "deleted-without-ipam", SharedLab.SAMPLE);
        podsOn(first, "deleted-in-quarantine", SharedLab.SAMPLE);
        ContinuousPing pings = ContinuousPing.around(named("stays"));
        awaitLedger();

        PostgresDirectory older = copyDatabase();
        lab.join(late);
        makeNetwork(LATE, "10.77.0.0/16");
        makeNetwork(DELETED, "10.78.0.0/16");
        networks.awaitReady(LATE);
        networks.awaitReady(DELETED);
        removeNetwork(DELETED);
        podsOn(List.of(late), "joined", SharedLab.SAMPLE);
        podsOn(allNodes(), "late", LATE);
        delete("deleted-early");
        awaitLedger();
        Set<NodeBlock> known = blocks(SharedLab.SAMPLE, LATE);
        assertThat(known).hasSize(2 * 4 * 2);

        lab.agent(down).kill();
        lab.ipam().kill();
        podsOn(up, "without-ipam", LATE);
        deleteOn(up, "deleted-without-ipam");
        lose(loss, older);
        start(lab.ipam());

        QuarantineState quarantine = awaitOnlyDownNodeMissing();
        assertThat(quarantine.reason()).contains(loss.reason);
        assertThat(blocksOf(up, SharedLab.SAMPLE, LATE)).isEqualTo(of(up, known));
        makeNetwork(NEWEST, "10.79.0.0/16");
        awaitUnplaced();
        podsOn(up, "in-quarantine", SharedLab.SAMPLE);
        deleteOn(up, "deleted-in-quarantine");
        requireConnectivity();
        assertThat(lab.ipamApi().quarantine().active()).isTrue();
        assertThat(lab.ipamApi().blocks(NEWEST)).isEmpty();

        start(lab.agent(down));
        Deadline.await(
                "end of the quarantine",
                SOON,
                () -> !lab.ipamApi().quarantine().active(),
                () -> "it is " + lab.ipamApi().quarantine());
        assertThat(lab.ipamApi().quarantine().unsettled()).isEmpty();
        delete("deleted-without-ipam");
        delete("deleted-in-quarantine");
        networks.awaitReady(NEWEST);
        podsOn(allNodes(), "newest", NEWEST);
        awaitLedger();
        assertThat(blocks(SharedLab.SAMPLE, LATE)).isEqualTo(known);
        assertThat(lab.ipamApi().openConflicts()).isEmpty();
        Stream.of(SharedLab.SAMPLE, LATE, NEWEST).forEach(this::requireDisjointIntervals);
        requireConnectivity();
        pings.requireNothingLost();
        restoreSharedLab(before);
    }

    // ---- pods and networks ----------------------------------------------------------------------------------------

    private List<LabNode> allNodes() {
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
        deleteOn(allNodes(), name);
    }

    private void deleteOn(List<LabNode> nodes, String name) {
        named(name).stream().filter(pod -> nodes.contains(pod.node())).forEach(pod -> {
            lab.pods().delete(pod);
            running.remove(pod);
        });
    }

    private void requireConnectivity() {
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
        Deadline.await(name + " deleted", SOON, () -> resource.get() == null, () -> "it is still there");
    }

    private void restoreSharedLab(List<KernelState> before) {
        List.copyOf(running.keySet()).forEach(lab.pods()::delete);
        running.clear();
        awaitLedger();
        removeNetwork(LATE);
        removeNetwork(NEWEST);
        lab.leave(late);
        Deadline.await(
                late.name() + " retired, and its HostInterface deleted",
                SOON,
                () -> lab.ipamApi().nodes().size() == first.size()
                        && lab.kubernetes()
                                        .resources(HostInterface.class)
                                        .withName(late.name())
                                        .get()
                                == null,
                () -> "ipam-service knows " + lab.ipamApi().nodes());
        Deadline.await(
                "nodes in their initial state",
                SOON,
                () -> first.stream().map(KernelState::of).toList().equals(before),
                () -> "now " + first.stream().map(KernelState::of).toList() + ", initially " + before);
    }

    // ---- the database ---------------------------------------------------------------------------------------------

    private void start(ServiceProcess service) {
        service.start();
        lab.awaitReady(List.of(service));
    }

    /// A copy of the current database, to be restored later.
    private PostgresDirectory copyDatabase() {
        lab.ipam().end();
        PostgresDirectory copy = disk.copyTo("postgres-older");
        start(lab.ipam());
        return copy;
    }

    private void lose(Loss loss, PostgresDirectory older) {
        switch (loss) {
            case PROMOTION -> {
                disk.restore(older);
                disk.promoteAtNextStart();
            }
            case SNAPSHOT -> disk.restore(older);
            case EVERYTHING -> disk.remove();
        }
    }

    // ---- the state of ipam-service --------------------------------------------------------------------------------

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

    /// Waits until all running agents have reported, including the one of the node that the database had lost, and the
    /// quarantine waits for the node without agent only.
    private QuarantineState awaitOnlyDownNodeMissing() {
        Deadline.await(
                "quarantine that waits for " + down.name() + " only",
                SOON,
                () -> {
                    QuarantineState state = lab.ipamApi().quarantine();
                    return state.active()
                            && state.unsettled().isEmpty()
                            && lab.ipamApi().nodes().size() == allNodes().size()
                            && state.waitingFor().stream()
                                    .map(QuarantineState.Waiting::node)
                                    .toList()
                                    .equals(List.of(down.name()));
                },
                () -> "it is " + lab.ipamApi().quarantine() + " with the nodes "
                        + lab.ipamApi().nodes());
        return lab.ipamApi().quarantine();
    }

    /// Waits until the newest network reports all its NICs as unplaced, with the reason.
    private void awaitUnplaced() {
        int nics = allNodes().size() * 2;
        Deadline.await(
                NEWEST + " without a block",
                SOON,
                () -> networks.status(NEWEST).isPresent()
                        && lab.ipamApi().network(NEWEST).unplaced().size() == nics,
                () -> "its status is " + networks.status(NEWEST));
        assertThat(lab.ipamApi().network(NEWEST).unplaced())
                .extracting(NetworkState.Unplaced::reason)
                .allSatisfy(reason -> assertThat(reason)
                        .contains("no new index is given out", down.name(), "see to it that their agents run"));
        assertThat(lab.ipamApi().blocks(NEWEST)).isEmpty();
    }

    private record Held(
            String network, IpAddress address, String node, String pod, String containerId, String podInterface) {}

    /// Waits until the open intervals of the ledger match the addresses of the running pods.
    private void awaitLedger() {
        Set<Held> held = held();
        Deadline.await(
                "the ledger with the open intervals " + held,
                SOON,
                () -> open().equals(held),
                () -> "it has " + open());
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
        return Stream.of(SharedLab.SAMPLE, LATE, DELETED, NEWEST)
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

    private void requireDisjointIntervals(String network) {
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
