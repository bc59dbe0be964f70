package io.multinic.lab;

import io.multinic.lab.trust.LabTrust;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Where things are: the checkout that the lab runs, and the run directory with logs, sockets and stores.
public record LabFiles(Path checkout, Path run) {

    /// `LAB_RUN` is set by `lab/run`; the checkout is the one that this class was built in.
    public static LabFiles ofThisProcess() {
        String run = System.getenv("LAB_RUN");
        if (run == null) {
            throw new LabException(
                    "LAB_RUN is not set: start the lab with lab/run, which makes the namespaces it lives in");
        }
        try {
            Path code = Path.of(LabFiles.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            // target/lab.jar or target/classes of the folder lab
            return new LabFiles(code.resolve("../../..").normalize(), Path.of(run));
        } catch (URISyntaxException e) {
            throw new LabException("no path to the lab's own code", e);
        }
    }

    public Path kubeconfig() {
        return run.resolve("kubeconfig");
    }

    public Path log(String service) {
        return run.resolve(service + ".log");
    }

    /// A directory of the run, made where it does not exist.
    public Path directory(String... names) {
        Path path = run;
        for (String name : names) {
            path = path.resolve(name);
        }
        try {
            return Files.createDirectories(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Certificates and tokens of this run.
    public LabTrust trust() {
        return new LabTrust(run.resolve("trust"));
    }

    public Path jar(String module) {
        Path jar = checkout.resolve(module).resolve("target").resolve(module + ".jar");
        if (!Files.isRegularFile(jar)) {
            throw new LabException(jar + " does not exist: make build makes it");
        }
        return jar;
    }

    public Path binary() {
        Path binary = checkout.resolve("cni-binary/build/multi-nic");
        if (!Files.isExecutable(binary)) {
            throw new LabException(binary + " does not exist: make build makes it");
        }
        return binary;
    }

    public Path sampleNetwork() {
        return checkout.resolve("lab/network.yaml");
    }
}
