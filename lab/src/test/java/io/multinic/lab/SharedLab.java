package io.multinic.lab;

import io.multinic.lab.layout.LabLayout;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// One lab for all tests of a run, with the sample network in it: started by the first test that asks, ended with the
/// process. A test leaves it as it found it: every service up, no pod, no network but the sample.
public final class SharedLab {
    /// The name of the sample network.
    public static final String SAMPLE = "multi-nic-sample";

    private static @Nullable Lab lab;
    private static @Nullable String failure;

    private SharedLab() {}

    /// @throws LabException for every test, where the lab could not be started for the first one
    public static synchronized Lab get() {
        if (failure != null) {
            throw new LabException("the lab did not start: " + failure);
        }
        if (lab == null) {
            try {
                lab = start();
            } catch (RuntimeException e) {
                failure = e.getMessage();
                throw e;
            }
        }
        return lab;
    }

    private static Lab start() {
        LabFiles files = LabFiles.ofThisProcess();
        try {
            var progress = new Progress(new PrintStream(files.log("lab").toFile(), StandardCharsets.UTF_8));
            Lab started = Lab.start(files, LabLayout.of(3, 2), progress);
            var networks = new Networks(started.kubernetes());
            networks.create(Networks.sample(started.kubernetes(), files.sampleNetwork()));
            networks.awaitReady(SAMPLE);
            return started;
        } catch (IOException e) {
            throw new LabException("no log", e);
        }
    }
}
