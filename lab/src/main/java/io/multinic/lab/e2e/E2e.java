package io.multinic.lab.e2e;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.multinic.lab.Deadline;
import io.multinic.lab.LabException;
import io.multinic.lab.LabFiles;
import io.multinic.lab.Progress;
import io.multinic.lab.cluster.RealCluster;
import io.multinic.lab.layout.LabLayout;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// The platform on a real Kubernetes: cluster, images, chart, and every step; `STEPS` chooses some of them by name.
public final class E2e {
    private static final String FIRST = "macvlan";
    private static final String SECOND = "ptp";

    private final Site site;
    private final Report report;
    private final Evidence evidence;

    private E2e(Site site) {
        this.site = site;
        report = new Report(site.progress());
        evidence = new Evidence(site);
    }

    /// @param chosen names of steps with commas between them; blank for all
    /// @param staysUp whether a cluster in which a step failed is left for a person to look at
    /// @param up called when it is left
    /// @return whether every chosen step ran and passed
    public static boolean run(LabFiles files, Progress progress, String chosen, boolean staysUp, Runnable up) {
        try (RealCluster cluster = RealCluster.start(files, LabLayout.of(3, 2), progress)) {
            var e2e = new E2e(new Site(files, LabLayout.of(3, 2), cluster, progress));
            e2e.loadImages();
            boolean green = e2e.runSteps(chosen);
            if (!green && staysUp) {
                progress.show("The cluster stays up: lab/enter kubectl get pods -A. make demo-down ends it.");
                up.run();
                while (true) {
                    Deadline.pause(Duration.ofMinutes(1));
                }
            }
            return green;
        }
    }

    private void loadImages() {
        Path directory = site.files().checkout().resolve("target/images");
        try (Stream<Path> files = Files.isDirectory(directory) ? Files.list(directory) : Stream.empty()) {
            List<Path> tars = files.filter(file -> file.toString().endsWith(".tar"))
                    .sorted()
                    .toList();
            if (tars.isEmpty()) {
                throw new LabException("no images in " + directory + ": make images makes them");
            }
            tars.forEach(site.cluster()::loadImage);
            site.progress().step(tars.size() + " images are on every node");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Schedule schedule(Platform platform) {
        var networks = new NetworkSteps(platform);
        var pods = new PodSteps(platform);
        var steps = new ArrayList<>(new InstallSteps(platform).steps());
        steps.add(networks.refusesBadNetworks());
        steps.add(networks.becomesReady(FIRST));
        steps.add(pods.everyPodHasItsNics(FIRST, 30));
        steps.add(pods.everyPodReachesEveryPod(FIRST));
        steps.add(pods.addressesComeBack(FIRST));
        steps.add(pods.addressesComeBackWithoutGrace(FIRST));
        steps.add(networks.goes(FIRST));
        steps.add(networks.becomesReady(SECOND));
        steps.add(pods.everyPodHasItsNics(SECOND, 1));
        steps.add(pods.everyPodReachesEveryPod(SECOND));
        steps.add(pods.annotationAsJson(SECOND));
        steps.add(pods.errorIsReadable(SECOND));
        steps.add(new StartTimeSteps(platform, SECOND).step());
        steps.addAll(new ControllerSteps(platform, SECOND).steps());
        steps.addAll(new DisturbanceSteps(platform, SECOND).steps());
        steps.addAll(new RemovalSteps(platform, networks, SECOND).steps());
        return new Schedule(steps);
    }

    private boolean runSteps(String chosen) {
        evidence.begin();
        try (Platform platform = Platform.on(site)) {
            List<Step> steps = schedule(platform).chosenBy(chosen).steps();
            steps.forEach(this::run);
            site.progress().step(report.summary(steps));
            return report.green(steps);
        }
    }

    private void run(Step step) {
        Set<String> missing = Schedule.missing(step, report.outcomes());
        if (!missing.isEmpty()) {
            report.ends(step, new Outcome.NotRun(String.join(", ", missing) + " did not pass"));
            return;
        }
        report.begins(step);
        long start = System.nanoTime();
        try {
            String seen = step.proof().show();
            report.ends(step, new Outcome.Passed(seen, Duration.ofNanos(System.nanoTime() - start)));
        } catch (RuntimeException e) { // whatever ends a step, the others are still worth running
            Duration time = Duration.ofNanos(System.nanoTime() - start);
            report.ends(step, new Outcome.Failed(reason(e), time));
            evidence.collect(step);
        }
    }

    /// What was seen instead, or where a step's own code is wrong.
    private static String reason(RuntimeException e) {
        if (e instanceof LabException || e instanceof KubernetesClientException) {
            return String.valueOf(e.getMessage());
        }
        var trace = new StringWriter();
        e.printStackTrace(new PrintWriter(trace));
        return trace.toString();
    }
}
