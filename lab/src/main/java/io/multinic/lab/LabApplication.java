package io.multinic.lab;

import io.multinic.lab.kubernetes.ApiServer;

/// The command line behind `lab/run`.
public final class LabApplication {
    private LabApplication() {}

    public static void main(String[] args) {
        String verb = args.length == 0 ? "" : args[0];
        switch (verb) {
            case "api-server" -> ApiServer.run(args[1], Integer.parseInt(args[2]));
            default -> {
                System.err.println("usage: lab/run demo|bench");
                System.exit(2);
            }
        }
    }
}
