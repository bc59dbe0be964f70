package io.multinic.lab.images;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.multinic.lab.process.Command;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The images built by `make images`. Each runs with its own read-only root file system, as its own user.
class ImagesIT {
    private static final Path LAB = Path.of("").toAbsolutePath();

    /// With `AOTMode=on` a JVM exits immediately if it cannot use its cache.
    @Test
    void demoRunsFromTheImagesWithTheirAotCaches() {
        Command.Result demo = Command.of(LAB.resolve("demo-from-images").toString())
                .withEnvironment(Map.of("IMAGE_FLAGS", "-XX:AOTMode=on"))
                .withTimeout(Duration.ofMinutes(4))
                .run()
                .orThrow();

        assertThat(demo.out()).contains("60 of 60 pings answered; every address came back");
    }

    @Test
    void cacheOfAnotherServiceIsRejected() {
        String flags = "-XX:AOTMode=on -XX:AOTCache=/app/controller-service.jar";

        Command.Result refused = Command.of(LAB.resolve("run-image").toString(), "controller-service")
                .withEnvironment(Map.of("IMAGE_FLAGS", flags))
                .run();

        assertThat(refused.exit()).isNotZero();
        assertThat(refused.out() + refused.err()).contains("Unable to use AOT cache");
    }

    @Test
    void imagesOfTheServicesShareTheJavaRuntimeLayer() throws Exception {
        assertThat(firstLayer("ipam-service"))
                .isEqualTo(firstLayer("controller-service"))
                .isEqualTo(firstLayer("node-agent-service"))
                .isNotEqualTo(firstLayer("postgresql"));
    }

    private static String firstLayer(String image) throws Exception {
        JsonNode index = json(image, "index.json");
        JsonNode manifest = json(image, blob(index.at("/manifests/0/digest").asText()));
        return manifest.at("/layers/0/digest").asText();
    }

    private static JsonNode json(String image, String entry) throws Exception {
        Path tar = LAB.resolveSibling("target").resolve("images").resolve(image + ".tar");
        List<String> line =
                Stream.of("tar", "-x", "-O", "-f", tar.toString(), entry).toList();
        return new ObjectMapper().readTree(Command.of(line).run().orThrow().out());
    }

    private static String blob(String digest) {
        return "blobs/" + digest.replace(':', '/');
    }
}
