package io.multinic.lab.demo;

import io.multinic.lab.layout.LabLayout;
import io.multinic.lab.pod.LabPod;
import io.multinic.lab.pod.Pods;
import io.multinic.lab.run.LabFiles;
import io.multinic.lab.services.Lab;
import java.util.List;

/// `lab/podctl`: creates or deletes a single pod in the demo's lab.
public final class PodCommand {
    private static final String NAMESPACE = "default";
    private static final String NETWORK = "multi-nic-sample";

    private PodCommand() {}

    /// @param args `pod add NODE NAME [NETWORKS]` or `pod delete NAME`
    public static boolean run(LabFiles files, String[] args) {
        List<String> arguments = List.of(args);
        LabLayout layout = Demo.layout();
        Pods pods = Lab.podsOf(files, layout);
        if (arguments.size() >= 4 && arguments.get(1).equals("add")) {
            String networks = arguments.size() > 4 ? arguments.get(4) : NETWORK;
            LabPod pod = pods.create(layout.node(arguments.get(2)), NAMESPACE, arguments.get(3), networks);
            System.out.println(pod + " on " + pod.node().name() + ", namespace "
                    + pod.sandbox().namespace() + ":");
            pod.interfaces().forEach(nic -> System.out.println("  " + Demo.text(nic)));
            return true;
        }
        if (arguments.size() == 3 && arguments.get(1).equals("delete")) {
            pods.delete(pods.find(layout, NAMESPACE, arguments.get(2)));
            System.out.println(NAMESPACE + "/" + arguments.get(2) + " is deleted");
            return true;
        }
        System.err.println("usage: lab/podctl add NODE NAME [NETWORKS] | lab/podctl delete NAME");
        return false;
    }
}
