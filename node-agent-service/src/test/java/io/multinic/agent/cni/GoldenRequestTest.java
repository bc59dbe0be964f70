package io.multinic.agent.cni;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.error.MultiNicException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/// The agent parses the recorded requests of the binary; the binary's tests use the same files.
class GoldenRequestTest {
    private static final Path GOLDEN = Path.of("../cni-binary/tests/golden");

    static Stream<String> names() throws IOException {
        try (var files = Files.list(GOLDEN)) {
            return files
                    .map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".http"))
                    .map(name -> name.substring(0, name.length() - ".http".length()))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void environmentAndStdinArriveUnchanged(String name) throws IOException {
        byte[] request = Files.readAllBytes(GOLDEN.resolve(name + ".http"));
        JsonNode call = CniCall.JSON.readTree(GOLDEN.resolve(name + ".json"));
        String head = new String(request, StandardCharsets.ISO_8859_1);
        head = head.substring(0, head.indexOf("\r\n\r\n") + 4);
        Map<String, String> headers = headers(head);
        for (Map.Entry<String, JsonNode> variable : call.path("env").properties()) {
            String header = header(variable.getKey());
            assertThat(PercentEncoding.decode(header, headers.getOrDefault(header, "missing")))
                    .as(variable.getKey())
                    .isEqualTo(variable.getValue().stringValue());
        }
        String argv0 = call.path("argv0").stringValue();
        assertThat(headers.get("cni-plugin")).isEqualTo(argv0.substring(argv0.lastIndexOf('/') + 1));
        assertThat(new String(request, head.length(), request.length - head.length(), StandardCharsets.UTF_8))
                .isEqualTo(call.path("stdin").stringValue());
    }

    @ParameterizedTest
    @MethodSource("names")
    void environmentIsAcceptedUnlessTheInterfaceNameIsInvalid(String name) throws IOException {
        String text = Files.readString(GOLDEN.resolve(name + ".http"));
        Map<String, String> headers = headers(text.substring(0, text.indexOf("\r\n\r\n") + 4));
        try {
            var environment = CniEnvironment.read(header -> headers.get(header.toLowerCase(Locale.ROOT)));
            assertThat(environment.verb().name()).isEqualTo(headers.get("cni-command"));
        } catch (MultiNicException e) {
            assertThat(name).isEqualTo("ipam-add-encoded");
            assertThat(e).hasMessageContaining("CNI_IFNAME '-._~/:;=,@+'");
        }
    }

    private static String header(String variable) {
        return variable.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Map<String, String> headers(String head) {
        Map<String, String> headers = new HashMap<>();
        head.lines().skip(1).filter(line -> !line.isEmpty()).forEach(line -> {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        });
        return headers;
    }
}
