package io.multinic.ipam.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.ipam.support.Samples;
import io.multinic.ipam.support.SecuredService;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Fuzzing of every operation with requests that the OpenAPI document allows or forbids: no 5xx, no undocumented
/// answer, no forbidden request accepted, no allowed request refused.
///
/// Uses schemathesis with a fixed seed; `-Dfuzz=N` sends N requests to each operation instead of a few.
class FuzzIT {
    private static final int FEW = 10;
    private static final int SHOWN = 12_000;

    private static final SecuredService SECURED = SecuredService.start("--multi-nic.ipam.max-body=1MB");

    @BeforeAll
    static void networkAndNode() {
        SECURED.admin().put("/api/v1/networks/0", Samples.network("0"));
        SECURED.admin().put("/api/v1/nodes/0", Samples.node(1));
    }

    @AfterAll
    static void stop() {
        SECURED.close();
    }

    @Test
    void everyOperationConformsToTheDocumentUnderFuzzing() throws IOException, InterruptedException {
        Path fuzzer = Path.of(run(
                        Path.of("target", "fuzzer.log"),
                        5,
                        Path.of("../build/fuzzer").toAbsolutePath().toString())
                .strip()
                .replaceFirst("(?s).*\n", ""));
        Path document = Path.of("target", "openapi.json").toAbsolutePath();
        Files.writeString(
                document, SECURED.admin().get("/api/v1/openapi").response().body());
        run(
                Path.of("target", "fuzz.log"),
                60,
                fuzzer.toString(),
                "--config-file=" + Path.of("src/test/fuzz/schemathesis.toml").toAbsolutePath(),
                "run",
                document.toString(),
                "--url=http://127.0.0.1:" + SECURED.service().port(),
                "--header=Authorization: Bearer " + SECURED.token(),
                "--phases=examples,coverage,fuzzing,stateful",
                "--seed=1",
                "--max-examples=" + Long.getLong("fuzz", FEW),
                "--no-color");
    }

    /// The output of the program. Fails with the end of the output if the program fails.
    private static String run(Path log, int minutes, String... command) throws IOException, InterruptedException {
        var process = new ProcessBuilder(List.of(command))
                .directory(Path.of("target").toFile()) // it writes its files into the working directory
                .redirectErrorStream(true)
                .redirectOutput(Redirect.to(log.toFile()))
                .start();
        try {
            assertThat(process.waitFor(minutes, TimeUnit.MINUTES))
                    .as(command[0] + " ends within " + minutes + " minutes")
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        String output = Files.readString(log);
        assertThat(process.exitValue())
                .as(command[0] + " failed; " + log.toAbsolutePath() + ":\n"
                        + output.substring(Math.max(0, output.length() - SHOWN)))
                .isZero();
        return output;
    }
}
