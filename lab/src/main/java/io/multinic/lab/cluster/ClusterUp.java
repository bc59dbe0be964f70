package io.multinic.lab.cluster;

import io.multinic.lab.layout.LabLayout;
import io.multinic.lab.process.Deadline;
import io.multinic.lab.run.LabFiles;
import io.multinic.lab.run.Progress;
import java.time.Duration;

/// `make cluster-up`: an empty cluster that stays up until its process is ended.
public final class ClusterUp {
    private ClusterUp() {}

    public static void run(LabFiles files, Progress progress) {
        try (RealCluster cluster = RealCluster.start(files, LabLayout.of(3, 2), progress)) {
            progress.show(hints(files));
            files.markUp();
            while (true) {
                cluster.requireAlive();
                Deadline.pause(Duration.ofSeconds(1));
            }
        }
    }

    private static String hints(LabFiles files) {
        return """

            The cluster %s is up. What to try (as root, in this checkout):

              lab/enter kubectl get nodes,pods -A -o wide
              lab/enter kubectl run -it --rm try --image=localhost/busybox:1 -- sh
              lab/enter helm list -A
              lab/enter --node node1 ip -brief addr
              lab/enter --node node1 ctr -n k8s.io images list -q
              lab/enter                       a shell inside, with kubectl and helm

            Logs are in %s. make cluster-down ends the cluster.
            """.formatted(files.run().getFileName().toString().replaceAll(".*\\.", ""), files.run());
    }
}
