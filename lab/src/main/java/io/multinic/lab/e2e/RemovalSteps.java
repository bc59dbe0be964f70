package io.multinic.lab.e2e;

import io.multinic.lab.LabException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;

/// The release goes and comes again, and at last all of it goes.
final class RemovalSteps {
    private static final String UNINSTALL = "uninstall";
    private static final Duration BINARY_GONE = Duration.ofSeconds(30);

    private final Platform platform;
    private final Site site;
    private final NetworkSteps networks;
    private final String plugin;

    RemovalSteps(Platform platform, NetworkSteps networks, String plugin) {
        this.platform = platform;
        site = platform.site();
        this.networks = networks;
        this.plugin = plugin;
    }

    List<Step> steps() {
        return List.of(
                new Step(
                        UNINSTALL,
                        "helm uninstall leaves pods running with their NICs and removes the CNI binary",
                        List.of(PodSteps.pods(plugin)),
                        this::uninstall),
                new Step(
                        "install-again",
                        "a later install takes the running pods over",
                        List.of(UNINSTALL),
                        this::installAgain),
                new Step(
                        "nothing-left",
                        "networks deleted first, then helm uninstall: nothing of ours is left on any node",
                        List.of(NetworkSteps.ready(plugin)),
                        this::nothingLeft));
    }

    private String uninstall() {
        List<LivePod> before = workers();
        PathWatch watch = PathWatch.among(site, before);
        platform.release().uninstall();
        awaitNoPods();
        Until.nothing("the CNI binary gone", BINARY_GONE, () -> {
            List<String> left = site.nodes().stream()
                    .filter(node -> NodeTraces.hasBinary(site, node))
                    .toList();
            return left.isEmpty() ? "" : "it is on " + left;
        });
        String paths = watch.nothingLost();
        List<LivePod> after = workers();
        if (!after.equals(before)) {
            throw new LabException("the pods were " + before + " and are " + after);
        }
        return before.size() + " pods run on with their NICs; " + paths;
    }

    private void awaitNoPods() {
        Until.nothing("the release's pods gone", Platform.PODS_END.plusSeconds(30), () -> {
            int left = platform.release().pods().size();
            return left == 0 ? "" : Pods.states(platform.release().pods());
        });
    }

    private String installAgain() {
        List<LivePod> before = workers();
        PathWatch watch = PathWatch.among(site, before);
        platform.release().deploy("install");
        String audit = platform.audit().holds();
        String paths = watch.nothingLost();
        String replaced = before.getFirst().name().replaceFirst(".*/", "");
        site.kubectl("-n", Site.NAMESPACE, "delete", "pod", replaced, "--timeout=45s");
        site.awaitReady(Platform.WORKERS, Platform.WORKER_PODS, Platform.PODS_START);
        platform.audit().holds();
        return paths + "; " + audit + "; one of them ended and was replaced";
    }

    private List<LivePod> workers() {
        return platform.audit().live("app", Platform.WORKERS).stream()
                .sorted(Comparator.comparing(LivePod::name))
                .toList();
    }

    private String nothingLeft() {
        site.kubectl("-n", Site.NAMESPACE, "delete", "deployment", "--all", "--timeout=60s");
        Until.nothing("no pods of users", Platform.PODS_END, () -> {
            var pods =
                    site.kubernetes().pods().inNamespace(Site.NAMESPACE).list().getItems();
            return pods.isEmpty() ? "" : Pods.states(pods);
        });
        platform.audit().holds();
        networks.goes(plugin).proof().show();
        platform.release().uninstall();
        awaitNoPods();
        Until.nothing(
                "nothing of ours on any node", BINARY_GONE, () -> String.join("\n", NodeTraces.ofEverything(site)));
        return "no rule, route, link or file of ours on " + String.join(", ", site.nodes())
                + ", but for the empty folders that kubelet made as mount points";
    }
}
