package io.multinic.lab;

import io.multinic.lab.cluster.ClusterUp;
import io.multinic.lab.demo.Demo;
import io.multinic.lab.demo.LabBench;
import io.multinic.lab.demo.PodCommand;
import io.multinic.lab.kubernetes.ApiServer;
import io.multinic.lab.process.LabException;
import io.multinic.lab.run.LabFiles;
import io.multinic.lab.run.Progress;

/// The command line behind `lab/run`.
public final class LabApplication {
    private LabApplication() {}

    public static void main(String[] args) {
        String verb = args.length == 0 ? "" : args[0];
        if (verb.equals("api-server")) {
            ApiServer.run(args[1], Integer.parseInt(args[2]));
            return;
        }
        try {
            System.exit(run(verb, args) ? 0 : 1);
        } catch (LabException e) {
            System.err.println("error: " + e.getMessage());
            System.exit(1);
        }
    }

    private static boolean run(String verb, String[] args) {
        return switch (verb) {
            case "demo" -> demo(LabFiles.ofThisProcess());
            case "images" -> Demo.runAndEnd(LabFiles.ofThisProcess(), new Progress(System.out));
            case "bench" -> LabBench.run(LabFiles.ofThisProcess(), new Progress(System.out));
            case "cluster" -> cluster(LabFiles.ofThisProcess());
            case "pod" -> PodCommand.run(LabFiles.ofThisProcess(), args);
            default -> {
                System.err.println("usage: lab/run demo|bench|cluster|e2e");
                yield false;
            }
        };
    }

    private static boolean demo(LabFiles files) {
        var progress = new Progress(System.out);
        if (System.getenv().getOrDefault("KEEP", "").isEmpty()) {
            return Demo.run(files, progress);
        }
        Demo.runAndStay(files, progress);
        return true;
    }

    private static boolean cluster(LabFiles files) {
        ClusterUp.run(files, new Progress(System.out));
        return true;
    }
}
