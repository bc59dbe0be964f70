package io.multinic.lab.run;

import io.multinic.lab.process.LabException;
import io.multinic.lab.trust.LabTrust;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The files of a lab: the checkout whose services it runs, and the run directory with logs, sockets and stores.
public record LabFiles(Path checkout, Path run) {

    /// The files of the lab that this process runs in. `lab/run` sets `LAB_RUN` and writes the file `checkout`, which
    /// has
    /// the path of the folder `lab`.
    public static LabFiles ofThisProcess() {
        String run = System.getenv("LAB_RUN");
        if (run == null) {
            throw new LabException(
                    "LAB_RUN is not set: start the lab with lab/run, which makes the namespaces it lives in");
        }
        Path file = Path.of(run, "checkout");
        try {
            return new LabFiles(
                    Path.of(Files.readString(file).strip()).resolve("..").normalize(), Path.of(run));
        } catch (IOException e) {
            throw new LabException("cannot read " + file, e);
        }
    }

    /// Creates the file that allows `lab/run` to leave this lab running.
    public void markUp() {
        try {
            Files.createFile(run.resolve("up"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Path kubeconfig() {
        return run.resolve("kubeconfig");
    }

    public Path log(String service) {
        return run.resolve(service + ".log");
    }

    /// A directory of the run, created if it does not exist.
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
