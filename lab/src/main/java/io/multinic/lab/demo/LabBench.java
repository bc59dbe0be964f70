package io.multinic.lab.demo;

import io.multinic.contract.crd.MultiNicNetwork;
import io.multinic.lab.client.MultiNicNetworks;
import io.multinic.lab.layout.LabNode;
import io.multinic.lab.pod.CniRuntime;
import io.multinic.lab.pod.CniRuntime.Attachment;
import io.multinic.lab.pod.LabPod;
import io.multinic.lab.process.Command;
import io.multinic.lab.run.LabFiles;
import io.multinic.lab.run.Progress;
import io.multinic.lab.run.TextTable;
import io.multinic.lab.services.Lab;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/// A benchmark of ADD and DEL for a pod with two NICs through the CNI binary, and of the services' memory.
public final class LabBench {
    private static final int WARM_UP = 20;
    private static final int ROUNDS = 100;

    private LabBench() {}

    /// Runs the benchmark. Failures are exceptions.
    ///
    /// @return true
    public static boolean run(LabFiles files, Progress progress) {
        try (Lab lab = Lab.start(files, Demo.layout(), progress)) {
            MultiNicNetwork network = MultiNicNetworks.sample(lab.kubernetes(), files.sampleNetwork());
            var networks = new MultiNicNetworks(lab.kubernetes());
            networks.create(network);
            networks.awaitReady(network.getMetadata().getName());
            progress.step("measuring " + ROUNDS + " pods with two NICs, plugin "
                    + Objects.requireNonNull(network.getSpec().plugin()).type());
            var adds = new ArrayList<Long>();
            var deletes = new ArrayList<Long>();
            for (int round = -WARM_UP; round < ROUNDS; round++) {
                round(lab, network.getMetadata().getName(), round, adds, deletes);
            }
            progress.show("\n"
                    + new TextTable("WHOLE PROCESS, ms", "p50", "p95")
                            .row("ADD of two NICs", percentile(adds, 50), percentile(adds, 95))
                            .row("DEL of two NICs", percentile(deletes, 50), percentile(deletes, 95))
                            .row(
                                    "/bin/true, started the same way",
                                    percentile(nothing(), 50),
                                    percentile(nothing(), 95)));
            progress.show("\n" + ServiceTable.of(lab.processes()));
            return true;
        }
    }

    private static void round(Lab lab, String network, int round, List<Long> adds, List<Long> deletes) {
        LabNode node = lab.layout().nodes().getFirst();
        CniRuntime runtime = lab.runtime(node);
        LabPod pod = lab.pods().sandbox(node, "default", "bench" + (round + WARM_UP), network);
        Attachment attachment = lab.pods().attachments(pod, network).getFirst();
        long add = timed(() -> runtime.add(attachment).orThrow());
        long delete = timed(() -> runtime.delete(attachment).orThrow());
        pod.sandbox().delete();
        lab.kubernetes().pods().inNamespace("default").withName(pod.name()).delete();
        if (round >= 0) {
            adds.add(add);
            deletes.add(delete);
        }
    }

    private static List<Long> nothing() {
        var times = new ArrayList<Long>();
        for (int round = 0; round < ROUNDS; round++) {
            times.add(timed(() -> Command.of("/bin/true").run().orThrow()));
        }
        return times;
    }

    private static long timed(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return System.nanoTime() - start;
    }

    private static String percentile(List<Long> nanos, int percent) {
        List<Long> sorted = nanos.stream().sorted().toList();
        long value = sorted.get(Math.min(sorted.size() - 1, sorted.size() * percent / 100));
        return String.format(Locale.ROOT, "%.1f", value / 1e6);
    }
}
