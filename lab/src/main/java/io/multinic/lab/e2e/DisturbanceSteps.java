package io.multinic.lab.e2e;

import io.fabric8.kubernetes.api.model.Pod;
import io.multinic.lab.LabException;
import io.multinic.lab.cluster.ClusterNode;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/// Whatever ends, restarts or goes away: running pods keep their paths, no address is given twice or lost, and the
/// ledger is complete.
final class DisturbanceSteps {
    private static final int COMING_AND_GOING = 9;
    private static final Duration OUTAGE = Duration.ofMinutes(1);
    private static final Duration NODE_RETURNS = Duration.ofMinutes(2);
    private static final Duration API_RETURNS = Duration.ofMinutes(1);

    private final Platform platform;
    private final Site site;
    private final List<String> needs;

    /// @param plugin of the network whose workers run through all of it
    DisturbanceSteps(Platform platform, String plugin) {
        this.platform = platform;
        site = platform.site();
        needs = List.of(PodSteps.pods(plugin));
    }

    List<Step> steps() {
        return List.of(
                new Step(
                        "agent-killed",
                        "agents are killed while " + Platform.BURST_PODS + " pods start: all of them start",
                        needs,
                        this::agentKilled),
                new Step(
                        "agent-upgraded",
                        "helm upgrade replaces the agents while pods run, start and end",
                        needs,
                        this::agentUpgraded),
                new Step(
                        "node-crash",
                        "a node crashes and returns: its pods have their NICs again, the other nodes notice nothing",
                        needs,
                        this::nodeCrash),
                new Step(
                        "api-server-restarted",
                        "the API server restarts: pods run on, and start again when it is back",
                        needs,
                        this::apiServerRestarted),
                new Step(
                        "ipam-away",
                        "ipam-service and PostgreSQL are away for " + OUTAGE.toSeconds() + " s: pods come and go",
                        needs,
                        this::ipamAway));
    }

    private String agentKilled() {
        PathWatch watch = watchWorkers();
        platform.deploy(Platform.BURST, Platform.BURST_PODS, 0);
        Until.nothing("the first pods of " + Platform.BURST, Platform.PODS_START, () -> {
            List<Pod> pods = site.pods("app", Platform.BURST);
            return pods.stream().filter(Pods::ready).count() >= 3 ? "" : Pods.states(pods);
        });
        String killed = site.nodes().get(0);
        String deleted = site.nodes().get(1);
        platform.release().kill(platform.release().agent(killed));
        site.kubectl(
                "-n",
                Release.NAMESPACE,
                "delete",
                "pod",
                platform.release().agent(deleted).getMetadata().getName(),
                "--grace-period=0",
                "--force");
        site.awaitReady(Platform.BURST, Platform.BURST_PODS, Platform.PODS_START);
        platform.release().awaitReady();
        String paths = watch.nothingLost();
        String audit = platform.audit().holds();
        platform.end(Platform.BURST);
        platform.audit().holds();
        return "killed on " + killed + ", its pod deleted on " + deleted + "; " + paths + "; " + audit;
    }

    private String agentUpgraded() {
        PathWatch watch = watchWorkers();
        Set<String> before = agentUids();
        platform.deploy(Platform.BURST, 0, 0);
        int came;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            CompletableFuture<Void> upgrade = CompletableFuture.runAsync(
                    () -> platform.release().deploy("upgrade", "agent.podAnnotations.upgraded=once"), threads);
            came = comeAndGo(() -> !upgrade.isDone());
            join(upgrade);
        }
        Set<String> after = agentUids();
        if (after.stream().anyMatch(before::contains) || after.size() != before.size()) {
            throw new LabException("not every agent was replaced: before " + before + ", after " + after);
        }
        return came + " pods came and went meanwhile; " + watch.nothingLost() + "; "
                + platform.audit().holds();
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
        return platform.release().pods("node-agent").stream()
                .map(pod -> pod.getMetadata().getUid())
                .collect(Collectors.toSet());
    }

    /// Starts and ends pods, round after round, at least one.
    ///
    /// @return how many
    private int comeAndGo(BooleanSupplier goOn) {
        int came = 0;
        do {
            site.scale(Platform.BURST, COMING_AND_GOING);
            site.awaitReady(Platform.BURST, COMING_AND_GOING, Platform.PODS_START);
            platform.end(Platform.BURST);
            came += COMING_AND_GOING;
        } while (goOn.getAsBoolean());
        return came;
    }

    private String nodeCrash() {
        String node = platform.lastNode();
        List<LivePod> workers = workers();
        List<LivePod> crashing =
                workers.stream().filter(pod -> pod.node().equals(node)).toList();
        PathWatch watch = PathWatch.among(
                site, workers.stream().filter(pod -> !pod.node().equals(node)).toList());
        ClusterNode machine = site.cluster().node(node);
        machine.crash();
        long down = System.nanoTime();
        machine.start();
        site.cluster().awaitReady(machine);
        Until.nothing("the pods of " + node + " with their NICs again", NODE_RETURNS, () -> {
            List<LivePod> back = workers().stream()
                    .filter(pod -> pod.node().equals(node))
                    .filter(pod -> pod.nics().size() == platform.nicsOfANode())
                    .toList();
            return back.size() == crashing.size() ? "" : "there are " + back;
        });
        double seconds = (System.nanoTime() - down) / 1e9;
        platform.release().awaitReady();
        site.awaitReady(Platform.WORKERS, Platform.WORKER_PODS, Platform.PODS_START);
        String paths = watch.nothingLost();
        String audit = platform.audit().holds();
        AllToAll pings = AllToAll.among(site, workers());
        if (!pings.lost().isEmpty()) {
            throw new LabException("after the return of " + node + " not all pods reach each other: " + pings.lost());
        }
        return "%d pods of %s back after %.1f s, %d pings answered; on the others %s; %s"
                .formatted(crashing.size(), node, seconds, pings.sent(), paths, audit);
    }

    private String apiServerRestarted() {
        PathWatch watch = watchWorkers();
        site.cluster().restartApiServer();
        Until.nothing(
                "the API server again",
                API_RETURNS,
                () -> site.kubernetes().namespaces().withName(Site.NAMESPACE).get() == null ? "no namespace" : "");
        platform.deploy(Platform.BURST, COMING_AND_GOING, 0);
        site.awaitReady(Platform.BURST, COMING_AND_GOING, Platform.PODS_START);
        platform.release().awaitReady();
        String paths = watch.nothingLost();
        String audit = platform.audit().holds();
        platform.end(Platform.BURST);
        platform.audit().holds();
        return COMING_AND_GOING + " pods started after it; " + paths + "; " + audit;
    }

    private String ipamAway() {
        PathWatch watch = watchWorkers();
        int replicas = platform.release().pods("ipam").size();
        platform.release().scale("deployment", "ipam", 0);
        platform.release().scale("statefulset", "postgresql", 0);
        int came;
        try {
            Until.nothing("ipam-service and PostgreSQL gone", Platform.PODS_END, () -> {
                int left = platform.release().pods("ipam").size()
                        + platform.release().pods("postgresql").size();
                return left == 0 ? "" : left + " pods are left";
            });
            long end = System.nanoTime() + OUTAGE.toNanos();
            platform.deploy(Platform.BURST, 0, 0);
            came = comeAndGo(() -> System.nanoTime() - end < 0);
        } finally {
            platform.release().scale("statefulset", "postgresql", 1);
            platform.release().scale("deployment", "ipam", replicas);
        }
        platform.release().awaitReady();
        return came + " pods came and went meanwhile; " + watch.nothingLost() + "; "
                + platform.audit().holds();
    }

    private List<LivePod> workers() {
        return platform.audit().live("app", Platform.WORKERS);
    }

    private PathWatch watchWorkers() {
        return PathWatch.among(site, workers());
    }
}
