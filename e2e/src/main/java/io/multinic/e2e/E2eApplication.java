package io.multinic.e2e;

import io.multinic.lab.process.LabException;
import io.multinic.lab.run.LabFiles;
import io.multinic.lab.run.Progress;
import java.util.Map;

/// The command line behind `lab/run e2e`.
public final class E2eApplication {
    private E2eApplication() {}

    /// Reads the environment variables `STEPS` (names of steps, comma-separated; all if empty) and `KEEP`
    /// (non-empty: the cluster stays up if a step fails).
    public static void main(String[] args) {
        Map<String, String> environment = System.getenv();
        boolean keep = !environment.getOrDefault("KEEP", "").isEmpty();
        String steps = environment.getOrDefault("STEPS", "");
        try {
            System.exit(E2eRun.run(LabFiles.ofThisProcess(), new Progress(System.out), steps, keep) ? 0 : 1);
        } catch (LabException e) {
            System.err.println("error: " + e.getMessage());
            System.exit(1);
        }
    }
}
