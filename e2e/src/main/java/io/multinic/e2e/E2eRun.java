package io.multinic.e2e;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.multinic.e2e.harness.ClusterUnderTest;
import io.multinic.e2e.harness.FailureEvidence;
import io.multinic.e2e.harness.Schedule;
import io.multinic.e2e.harness.Step;
import io.multinic.e2e.harness.StepOutcome;
import io.multinic.e2e.harness.StepReport;
import io.multinic.e2e.steps.AllSteps;
import io.multinic.e2e.steps.StepContext;
import io.multinic.lab.cluster.RealCluster;
import io.multinic.lab.layout.LabLayout;
import io.multinic.lab.process.Deadline;
import io.multinic.lab.process.LabException;
import io.multinic.lab.run.LabFiles;
import io.multinic.lab.run.Progress;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// One run of the end-to-end test: starts a cluster, loads the images, runs the chosen steps.
final class E2eRun {
    private final ClusterUnderTest cluster;
    private final StepReport report;
    private final FailureEvidence evidence;

    private E2eRun(ClusterUnderTest cluster) {
        this.cluster = cluster;
        report = new StepReport(cluster.progress());
        evidence = new FailureEvidence(cluster);
    }

    /// @param chosen names of steps, comma-separated; blank for all
    /// @param keep if a step fails, the cluster stays up for inspection until the process is ended
    /// @return true if every chosen step ran and passed
    static boolean run(LabFiles files, Progress progress, String chosen, boolean keep) {
        var layout = LabLayout.of(3, 2);
        try (RealCluster real = RealCluster.start(files, layout, progress)) {
            var run = new E2eRun(new ClusterUnderTest(files, layout, real, progress));
            run.loadImages();
            boolean passed = run.runSteps(chosen);
            if (!passed && keep) {
                progress.show("The cluster stays up: lab/enter kubectl get pods -A. make demo-down ends it.");
                files.markUp();
                while (true) {
                    Deadline.pause(Duration.ofMinutes(1));
                }
            }
            return passed;
        }
    }

    private void loadImages() {
        Path directory = cluster.files().checkout().resolve("target/images");
        try (Stream<Path> files = Files.isDirectory(directory) ? Files.list(directory) : Stream.empty()) {
            List<Path> tars = files.filter(file -> file.toString().endsWith(".tar"))
                    .sorted()
                    .toList();
            if (tars.isEmpty()) {
                throw new LabException("no images in " + directory + ": make images makes them");
            }
            tars.forEach(cluster.real()::loadImage);
            cluster.progress().step(tars.size() + " images are on every node");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean runSteps(String chosen) {
        evidence.removeOld();
        try (StepContext context = StepContext.create(cluster)) {
            List<Step> steps = AllSteps.schedule(context).chosenBy(chosen).steps();
            steps.forEach(this::run);
            cluster.progress().step(report.summary(steps));
            return report.allPassed(steps);
        }
    }

    private void run(Step step) {
        Set<String> missing = Schedule.missing(step, report.outcomes());
        if (!missing.isEmpty()) {
            report.finished(step, new StepOutcome.NotRun(String.join(", ", missing) + " did not pass"));
            return;
        }
        report.started(step);
        long start = System.nanoTime();
        try {
            String result = step.check().run();
            report.finished(step, new StepOutcome.Passed(result, Duration.ofNanos(System.nanoTime() - start)));
        } catch (RuntimeException e) { // later steps run all the same
            Duration time = Duration.ofNanos(System.nanoTime() - start);
            report.finished(step, new StepOutcome.Failed(reason(e), time));
            evidence.collect(step);
        }
    }

    /// The message of an expected failure; the stack trace of a programming error.
    private static String reason(RuntimeException e) {
        if (e instanceof LabException || e instanceof KubernetesClientException) {
            return String.valueOf(e.getMessage());
        }
        var trace = new StringWriter();
        e.printStackTrace(new PrintWriter(trace));
        return trace.toString();
    }
}
