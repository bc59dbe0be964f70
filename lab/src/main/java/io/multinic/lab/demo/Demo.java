package io.multinic.lab.demo;

import io.multinic.contract.crd.MultiNicNetwork;
import io.multinic.contract.crd.MultiNicNetworkStatus;
import io.multinic.contract.wire.AllocationInterval;
import io.multinic.lab.client.MultiNicNetworks;
import io.multinic.lab.layout.LabLayout;
import io.multinic.lab.layout.LabNode;
import io.multinic.lab.pod.CniAnswer;
import io.multinic.lab.pod.LabPod;
import io.multinic.lab.pod.PingMatrix;
import io.multinic.lab.process.Command;
import io.multinic.lab.process.Deadline;
import io.multinic.lab.process.LabException;
import io.multinic.lab.process.ServiceProcess;
import io.multinic.lab.run.LabFiles;
import io.multinic.lab.run.Progress;
import io.multinic.lab.run.TextTable;
import io.multinic.lab.services.Lab;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/// The demo: applies a network, creates pods, pings between them, deletes them, and shows routes and ledger.
public final class Demo {
    private static final String NAMESPACE = "default";
    private static final List<String> POD_SUFFIXES = List.of("a", "b");
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Lab lab;
    private final Progress progress;

    static LabLayout layout() {
        return LabLayout.of(3, 2);
    }

    private Demo(Lab lab, Progress progress) {
        this.lab = lab;
        this.progress = progress;
    }

    /// Runs the demo.
    ///
    /// @return true if every ping was answered and every address was released
    public static boolean run(LabFiles files, Progress progress) {
        try (Lab lab = Lab.start(files, layout(), progress)) {
            return new Demo(lab, progress).show();
        }
    }

    /// Like `run`, but ends the services with SIGTERM one after the other, so that each can write its AOT
    /// configuration.
    public static boolean runAndEnd(LabFiles files, Progress progress) {
        try (Lab lab = Lab.start(files, layout(), progress)) {
            boolean ok = new Demo(lab, progress).show();
            lab.processes().reversed().forEach(ServiceProcess::end);
            progress.step("every service has ended");
            return ok;
        }
    }

    /// Creates network and pods, and keeps the lab running until the process is ended.
    public static void runAndStay(LabFiles files, Progress progress) {
        try (Lab lab = Lab.start(files, layout(), progress)) {
            var demo = new Demo(lab, progress);
            MultiNicNetwork network = demo.applyNetwork();
            List<LabPod> pods = demo.createPods(network);
            demo.showConnections(pods);
            demo.showRoutes(network);
            progress.show(DemoHints.of(lab, pods));
            files.markUp();
            while (true) {
                lab.requireAlive();
                Deadline.pause(Duration.ofSeconds(1));
            }
        }
    }

    private boolean show() {
        MultiNicNetwork network = applyNetwork();
        List<LabPod> pods = createPods(network);
        PingMatrix matrix = showConnections(pods);
        showRoutes(network);
        deletePods(pods);
        boolean complete = showLedger(network, pods);
        showServices();
        boolean connected = matrix.connected() == matrix.total() && matrix.total() > 0;
        progress.step(matrix.connected() + " of " + matrix.total() + " pings answered; "
                + (complete ? "every address came back" : "NOT every address came back"));
        return connected && complete;
    }

    private MultiNicNetwork applyNetwork() {
        MultiNicNetwork network =
                MultiNicNetworks.sample(lab.kubernetes(), lab.files().sampleNetwork());
        String plugin = Objects.requireNonNull(network.getSpec().plugin()).type();
        if (plugin.equals("ptp")) {
            progress.step("this kernel has no ipvlan: the sample network runs with plugin ptp instead");
        }
        var networks = new MultiNicNetworks(lab.kubernetes());
        networks.create(network);
        String name = network.getMetadata().getName();
        progress.step("applied MultiNicNetwork " + name + ": subnet "
                + network.getSpec().subnet() + " over "
                + String.join(", ", network.getSpec().masterNets()));
        MultiNicNetworkStatus status = networks.awaitReady(name);
        progress.step(status.conditions().stream()
                        .map(condition -> condition.getType() + " " + condition.getStatus())
                        .collect(Collectors.joining(", "))
                + ": "
                + status.computeResults().stream()
                        .map(net -> net.netAddress() + " on " + net.numOfHosts() + " hosts")
                        .collect(Collectors.joining(", ")));
        return network;
    }

    private List<LabPod> createPods(MultiNicNetwork network) {
        String name = network.getMetadata().getName();
        Deadline.await(
                "NetworkAttachmentDefinition " + NAMESPACE + "/" + name,
                LIMIT,
                () -> hasDefinition(name),
                () -> "the controller has not created it");
        var pods = new ArrayList<LabPod>();
        for (LabNode node : lab.layout().nodes()) {
            for (String suffix : POD_SUFFIXES) {
                long start = System.nanoTime();
                LabPod pod = lab.pods().create(node, NAMESPACE, node.name() + "-" + suffix, name);
                pods.add(pod);
                progress.step("pod " + pod + " on " + node.name() + ": "
                        + pod.interfaces().stream().map(Demo::text).collect(Collectors.joining(", ")) + "  ("
                        + (System.nanoTime() - start) / 1_000_000 + " ms)");
            }
        }
        return pods;
    }

    private boolean hasDefinition(String name) {
        try {
            return !lab.pods().config(NAMESPACE, name).isEmpty();
        } catch (LabException e) {
            return false;
        }
    }

    static String text(CniAnswer.Interface nic) {
        return nic.name() + " " + nic.addresses().stream().map(Object::toString).collect(Collectors.joining(" "));
    }

    private PingMatrix showConnections(List<LabPod> pods) {
        progress.step("every pod pings every pod over every NIC");
        PingMatrix matrix = PingMatrix.of(pods);
        progress.show("\n" + ConnectionTable.of(matrix) + "\n");
        return matrix;
    }

    private void showRoutes(MultiNicNetwork network) {
        for (LabNode node : lab.layout().nodes()) {
            String table = table(node, Objects.requireNonNull(network.getSpec().subnet()));
            Command.Result routes = Command.of("ip", "-netns", node.name(), "route", "show", "table", table)
                    .run();
            progress.show("routes of " + network.getMetadata().getName() + " on " + node.name() + " (table " + table
                    + "):\n" + (routes.out() + routes.err()).stripTrailing().indent(4));
        }
    }

    /// The routing table of the node's rule for the subnet.
    private static String table(LabNode node, String subnet) {
        return Command.of("ip", "-netns", node.name(), "rule", "show")
                .run()
                .orThrow()
                .out()
                .lines()
                .filter(rule -> rule.contains("to " + subnet + " "))
                .map(rule -> rule.replaceAll(".*lookup (\\S+).*", "$1"))
                .findFirst()
                .orElseThrow(() -> new LabException("no rule for " + subnet + " on " + node.name()));
    }

    private void deletePods(List<LabPod> pods) {
        long start = System.nanoTime();
        pods.forEach(lab.pods()::delete);
        progress.step("deleted " + pods.size() + " pods in " + (System.nanoTime() - start) / 1_000_000 + " ms");
    }

    /// Waits until the ledger has closed every interval, and prints the intervals.
    ///
    /// @return true if the ledger is complete
    private boolean showLedger(MultiNicNetwork network, List<LabPod> pods) {
        String name = network.getMetadata().getName();
        long expected = pods.stream().mapToLong(pod -> pod.interfaces().size()).sum();
        Deadline.await(
                "the ledger with " + expected + " closed intervals",
                LIMIT,
                () -> closed(name) >= expected,
                () -> "it has " + closed(name));
        List<AllocationInterval> history = lab.ipamApi().audit(name);
        var table = new TextTable("ADDRESS", "POD", "INTERFACE", "NODE", "NIC", "FROM", "TO");
        for (AllocationInterval interval : history) {
            table.row(
                    interval.allocation().address(),
                    interval.allocation().pod(),
                    interval.allocation().podInterface(),
                    interval.node(),
                    interval.allocation().nic(),
                    time(interval.from()),
                    interval.to() == null ? "held" : time(interval.to()));
        }
        progress.step("the ledger of " + name + ": who held which address, from when to when");
        progress.show("\n" + table + "\n");
        return history.size() == expected && history.stream().allMatch(interval -> interval.to() != null);
    }

    private long closed(String network) {
        return lab.ipamApi().audit(network).stream()
                .filter(interval -> interval.to() != null)
                .count();
    }

    private static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.MILLIS).toString().replaceAll(".*T|Z", "");
    }

    private void showServices() {
        progress.show(ServiceTable.of(lab.processes()));
    }
}
