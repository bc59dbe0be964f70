package io.multinic.lab.demo;

import io.multinic.lab.Lab;
import io.multinic.lab.LabFiles;
import io.multinic.lab.layout.LabLayout;
import io.multinic.lab.pod.LabPod;
import io.multinic.lab.pod.Pods;
import java.util.List;

/// `lab/podctl`: a pod by hand in the demo's lab.
public final class PodCommand {
    private static final String NAMESPACE = "default";
    private static final String NETWORK = "multi-nic-sample";

    private PodCommand() {}

    /// @param args `pod add NODE NAME [NETWORKS]` or `pod delete NAME`
    public static boolean run(LabFiles files, String[] args) {
        List<String> words = List.of(args);
        LabLayout layout = Demo.layout();
        Pods pods = Lab.podsOf(files, layout);
        if (words.size() >= 4 && words.get(1).equals("add")) {
            String networks = words.size() > 4 ? words.get(4) : NETWORK;
            LabPod pod = pods.create(layout.node(words.get(2)), NAMESPACE, words.get(3), networks);
            System.out.println(pod + " on " + pod.node().name() + ", namespace "
                    + pod.sandbox().namespace() + ":");
            pod.interfaces().forEach(nic -> System.out.println("  " + Demo.text(nic)));
            return true;
        }
        if (words.size() == 3 && words.get(1).equals("delete")) {
            pods.delete(pods.find(layout, NAMESPACE, words.get(2)));
            System.out.println(NAMESPACE + "/" + words.get(2) + " is gone");
            return true;
        }
        System.err.println("usage: lab/podctl add NODE NAME [NETWORKS] | lab/podctl delete NAME");
        return false;
    }
}
