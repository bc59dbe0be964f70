package io.multinic.e2e.steps;

import io.fabric8.kubernetes.api.model.Pod;
import io.multinic.e2e.harness.ClusterUnderTest;
import io.multinic.e2e.harness.HelmRelease;
import io.multinic.e2e.harness.PodObjects;
import io.multinic.e2e.harness.Poll;
import io.multinic.e2e.harness.Step;
import io.multinic.e2e.observe.AllToAllPing;
import io.multinic.e2e.observe.PathMonitor;
import io.multinic.e2e.observe.RunningPod;
import io.multinic.lab.cluster.ClusterNode;
import io.multinic.lab.process.LabException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/// Steps that kill, restart or remove a part of the platform. In each, running pods keep their connections, no address
/// is assigned twice or leaked, and the ledger is complete.
final class DisturbanceSteps {
    static final String AGENT_UPGRADED = "agent-upgraded";

    private static final int CYCLE_PODS = 9;
    private static final Duration OUTAGE = Duration.ofMinutes(1);
    private static final Duration NODE_RETURNS = Duration.ofMinutes(2);
    private static final Duration API_RETURNS = Duration.ofMinutes(1);

    private final StepContext context;
    private final ClusterUnderTest cluster;
    private final List<String> needs;

    /// @param plugin the plugin of the network whose workers run through all steps
    DisturbanceSteps(StepContext context, String plugin) {
        this.context = context;
        cluster = context.cluster();
        needs = List.of(PodSteps.attachedName(plugin));
    }

    /// The steps whose disturbance is the agents' own; nodes and other services run on.
    List<Step> agents() {
        return List.of(
                new Step(
                        "agent-killed",
                        "agents are killed while " + StepContext.BURST_PODS + " pods start: all pods become ready",
                        needs,
                        this::agentKilled),
                new Step(
                        AGENT_UPGRADED,
                        "helm upgrade replaces the agents while pods run, start and end",
                        needs,
                        this::agentUpgraded));
    }

    List<Step> others() {
        return List.of(
                new Step(
                        "node-crash",
                        "a node crashes and boots again: its pods have their NICs again, other nodes are not affected",
                        needs,
                        this::nodeCrash),
                new Step(
                        "api-server-restarted",
                        "the API server restarts: running pods are not affected, new pods start afterwards",
                        needs,
                        this::apiServerRestarted),
                new Step(
                        "ipam-away",
                        "ipam-service and PostgreSQL are away for " + OUTAGE.toSeconds() + " s: pods start and end",
                        needs,
                        this::ipamAway));
    }

    private String agentKilled() {
        PathMonitor paths = monitorWorkers();
        context.deploy(StepContext.BURST, StepContext.BURST_PODS, 0);
        Poll.until("the first pods of " + StepContext.BURST, StepContext.PODS_START, () -> {
            List<Pod> pods = cluster.pods("app", StepContext.BURST);
            return pods.stream().filter(PodObjects::ready).count() >= 3 ? "" : PodObjects.states(pods);
        });
        String killed = cluster.nodes().get(0);
        String deleted = cluster.nodes().get(1);
        context.release().kill(context.release().agent(killed));
        cluster.kubectl(
                "-n",
                HelmRelease.NAMESPACE,
                "delete",
                "pod",
                context.release().agent(deleted).getMetadata().getName(),
                "--grace-period=0",
                "--force");
        cluster.awaitReady(StepContext.BURST, StepContext.BURST_PODS, StepContext.PODS_START);
        context.release().awaitReady();
        String echoes = paths.requireNoLoss();
        String audit = context.audit().awaitConsistent();
        context.scaleToZero(StepContext.BURST);
        context.audit().awaitConsistent();
        return "killed on " + killed + ", its pod deleted on " + deleted + "; " + echoes + "; " + audit;
    }

    private String agentUpgraded() {
        PathMonitor paths = monitorWorkers();
        Set<String> before = agentUids();
        context.deploy(StepContext.BURST, 0, 0);
        int cycled;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            CompletableFuture<Void> upgrade = CompletableFuture.runAsync(
                    () -> context.release().deploy("upgrade", "agent.podAnnotations.upgraded=once"), threads);
            cycled = cyclePods(() -> !upgrade.isDone());
            join(upgrade);
        }
        Set<String> after = agentUids();
        if (after.stream().anyMatch(before::contains) || after.size() != before.size()) {
            throw new LabException("not every agent was replaced: before " + before + ", after " + after);
        }
        return cycled + " pods started and ended meanwhile; " + paths.requireNoLoss() + "; "
                + context.audit().awaitConsistent();
    }

    private static void join(CompletableFuture<Void> task) {
        try {
            task.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof LabException cause) {
                throw cause;
            }
            throw e;
        }
    }

    private Set<String> agentUids() {
        return context.release().pods("node-agent").stream()
                .map(pod -> pod.getMetadata().getUid())
                .collect(Collectors.toSet());
    }

    /// Starts and ends pods in rounds, at least one round, while `more` is true.
    ///
    /// @return the number of pods
    private int cyclePods(BooleanSupplier more) {
        int cycled = 0;
        do {
            cluster.scale(StepContext.BURST, CYCLE_PODS);
            cluster.awaitReady(StepContext.BURST, CYCLE_PODS, StepContext.PODS_START);
            context.scaleToZero(StepContext.BURST);
            cycled += CYCLE_PODS;
        } while (more.getAsBoolean());
        return cycled;
    }

    private String nodeCrash() {
        String node = context.lastNode();
        List<RunningPod> workers = workers();
        List<RunningPod> crashing =
                workers.stream().filter(pod -> pod.node().equals(node)).toList();
        PathMonitor paths = PathMonitor.among(
                cluster,
                workers.stream().filter(pod -> !pod.node().equals(node)).toList());
        ClusterNode machine = cluster.real().node(node);
        machine.crash();
        long down = System.nanoTime();
        machine.start();
        cluster.real().awaitReady(machine);
        Poll.until("the pods of " + node + " with their NICs again", NODE_RETURNS, () -> {
            List<RunningPod> back = workers().stream()
                    .filter(pod -> pod.node().equals(node))
                    .filter(pod -> pod.nics().size() == context.nicsPerNode())
                    .toList();
            return back.size() == crashing.size() ? "" : "there are " + back;
        });
        double seconds = (System.nanoTime() - down) / 1e9;
        context.release().awaitReady();
        cluster.awaitReady(StepContext.WORKERS, StepContext.WORKER_PODS, StepContext.PODS_START);
        String echoes = paths.requireNoLoss();
        String audit = context.audit().awaitConsistent();
        AllToAllPing pings = AllToAllPing.among(cluster, workers());
        if (!pings.lost().isEmpty()) {
            throw new LabException("after the boot of " + node + " not all pods reach each other: " + pings.lost());
        }
        return "%d pods of %s back after %.1f s, %d pings answered; on the other nodes %s; %s"
                .formatted(crashing.size(), node, seconds, pings.sent(), echoes, audit);
    }

    private String apiServerRestarted() {
        PathMonitor paths = monitorWorkers();
        cluster.real().restartApiServer();
        Poll.until(
                "the API server available",
                API_RETURNS,
                () -> cluster.kubernetes()
                                        .namespaces()
                                        .withName(ClusterUnderTest.NAMESPACE)
                                        .get()
                                == null
                        ? "no namespace"
                        : "");
        context.deploy(StepContext.BURST, CYCLE_PODS, 0);
        cluster.awaitReady(StepContext.BURST, CYCLE_PODS, StepContext.PODS_START);
        context.release().awaitReady();
        String echoes = paths.requireNoLoss();
        String audit = context.audit().awaitConsistent();
        context.scaleToZero(StepContext.BURST);
        context.audit().awaitConsistent();
        return CYCLE_PODS + " pods started afterwards; " + echoes + "; " + audit;
    }

    private String ipamAway() {
        PathMonitor paths = monitorWorkers();
        int replicas = context.release().pods("ipam").size();
        context.release().scale("deployment", "ipam", 0);
        context.release().scale("statefulset", "postgresql", 0);
        int cycled;
        try {
            Poll.until("ipam-service and PostgreSQL stopped", StepContext.PODS_END, () -> {
                int left = context.release().pods("ipam").size()
                        + context.release().pods("postgresql").size();
                return left == 0 ? "" : left + " pods are left";
            });
            long end = System.nanoTime() + OUTAGE.toNanos();
            context.deploy(StepContext.BURST, 0, 0);
            cycled = cyclePods(() -> System.nanoTime() - end < 0);
        } finally {
            context.release().scale("statefulset", "postgresql", 1);
            context.release().scale("deployment", "ipam", replicas);
        }
        context.release().awaitReady();
        return cycled + " pods started and ended meanwhile; " + paths.requireNoLoss() + "; "
                + context.audit().awaitConsistent();
    }

    private List<RunningPod> workers() {
        return context.audit().running("app", StepContext.WORKERS);
    }

    private PathMonitor monitorWorkers() {
        return PathMonitor.among(cluster, workers());
    }
}
