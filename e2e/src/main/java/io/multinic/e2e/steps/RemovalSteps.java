package io.multinic.e2e.steps;

import io.multinic.e2e.harness.ClusterUnderTest;
import io.multinic.e2e.harness.PodObjects;
import io.multinic.e2e.harness.Poll;
import io.multinic.e2e.harness.Step;
import io.multinic.e2e.observe.NodeLeftovers;
import io.multinic.e2e.observe.PathMonitor;
import io.multinic.e2e.observe.RunningPod;
import io.multinic.lab.process.LabException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;

/// Steps that uninstall the release, install it again, and finally remove everything.
final class RemovalSteps {
    private static final String UNINSTALL = "uninstall";
    private static final Duration BINARY_GONE = Duration.ofSeconds(30);

    private final StepContext context;
    private final ClusterUnderTest cluster;
    private final NetworkSteps networks;
    private final String plugin;

    RemovalSteps(StepContext context, NetworkSteps networks, String plugin) {
        this.context = context;
        cluster = context.cluster();
        this.networks = networks;
        this.plugin = plugin;
    }

    List<Step> steps() {
        return List.of(
                new Step(
                        UNINSTALL,
                        "helm uninstall leaves pods running with their NICs and removes the CNI binary",
                        List.of(PodSteps.attachedName(plugin)),
                        this::uninstall),
                new Step(
                        "install-again",
                        "a later install adopts the running pods",
                        List.of(UNINSTALL),
                        this::installAgain),
                new Step(
                        "nothing-left",
                        "after networks are deleted and helm uninstall, nothing of the platform is left on any node",
                        List.of(NetworkSteps.readyName(plugin)),
                        this::nothingLeft));
    }

    private String uninstall() {
        List<RunningPod> before = workers();
        PathMonitor monitor = PathMonitor.among(cluster, before);
        context.release().uninstall();
        awaitNoPods();
        Poll.until("the CNI binary removed", BINARY_GONE, () -> {
            List<String> left = cluster.nodes().stream()
                    .filter(node -> NodeLeftovers.hasBinary(cluster, node))
                    .toList();
            return left.isEmpty() ? "" : "it is on " + left;
        });
        String paths = monitor.requireNoLoss();
        List<RunningPod> after = workers();
        if (!after.equals(before)) {
            throw new LabException("the pods changed from " + before + " to " + after);
        }
        return before.size() + " pods keep running with their NICs; " + paths;
    }

    private void awaitNoPods() {
        Poll.until("the release's pods deleted", StepContext.PODS_END.plusSeconds(30), () -> {
            int left = context.release().pods().size();
            return left == 0 ? "" : PodObjects.states(context.release().pods());
        });
    }

    private String installAgain() {
        List<RunningPod> before = workers();
        PathMonitor monitor = PathMonitor.among(cluster, before);
        context.release().deploy("install");
        String audit = context.audit().awaitConsistent();
        String paths = monitor.requireNoLoss();
        String replaced = before.getFirst().name().replaceFirst(".*/", "");
        cluster.kubectl("-n", ClusterUnderTest.NAMESPACE, "delete", "pod", replaced, "--timeout=45s");
        cluster.awaitReady(StepContext.WORKERS, StepContext.WORKER_PODS, StepContext.PODS_START);
        context.audit().awaitConsistent();
        return paths + "; " + audit + "; one pod deleted and replaced";
    }

    private List<RunningPod> workers() {
        return context.audit().running("app", StepContext.WORKERS).stream()
                .sorted(Comparator.comparing(RunningPod::name))
                .toList();
    }

    private String nothingLeft() {
        cluster.kubectl("-n", ClusterUnderTest.NAMESPACE, "delete", "deployment", "--all", "--timeout=60s");
        Poll.until("no pods of users", StepContext.PODS_END, () -> {
            var pods = cluster.kubernetes()
                    .pods()
                    .inNamespace(ClusterUnderTest.NAMESPACE)
                    .list()
                    .getItems();
            return pods.isEmpty() ? "" : PodObjects.states(pods);
        });
        context.audit().awaitConsistent();
        networks.deleted(plugin).check().run();
        context.release().uninstall();
        awaitNoPods();
        Poll.until(
                "nothing of the platform on any node",
                BINARY_GONE,
                () -> String.join("\n", NodeLeftovers.ofEverything(cluster)));
        return "no rule, route, link or file of the platform on " + String.join(", ", cluster.nodes())
                + ", except for the empty mount points that kubelet made";
    }
}
