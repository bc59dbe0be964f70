package io.multinic.agent.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.PodRef;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class CniEnvironmentTest {
    private final Map<String, String> headers = new HashMap<>(Map.of(
            "Cni-Command", "ADD",
            "Cni-Containerid", "abc-1.2_3",
            "Cni-Netns", "/run/netns/x%20y",
            "Cni-Ifname", "net1",
            "Cni-Args", "IgnoreUnknown=1;K8S_POD_NAMESPACE=ns;K8S_POD_NAME=a+b;K8S_POD_UID=u;X=a=b",
            "Cni-Path", "/opt/a:/opt/b:"));

    private CniEnvironment read() {
        return CniEnvironment.read(headers::get);
    }

    private void assertRefused(String part) {
        assertThatThrownBy(this::read)
                .isInstanceOfSatisfying(
                        MultiNicException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ENVIRONMENT))
                .hasMessageContaining(part);
    }

    @Test
    void readsAllVariables() {
        var environment = read();
        assertThat(environment.verb()).isEqualTo(Verb.ADD);
        assertThat(environment.netns()).isEqualTo("/run/netns/x y");
        assertThat(environment.pod()).isEqualTo(new PodRef("ns", "a+b", "u"));
        assertThat(environment.args()).containsEntry("X", "a=b");
        assertThat(environment.path()).containsExactly("/opt/a", "/opt/b");
        assertThat(environment.key().toString()).isEqualTo("abc-1.2_3/net1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-abc", "a/b", "a b", "../x", "ä"})
    void invalidContainerIdIsRefused(String id) {
        headers.put("Cni-Containerid", id.equals("ä") ? "%C3%A4" : id);
        assertRefused("CNI_CONTAINERID");
    }

    @Test
    void valueThatIsTooLongForTheLedgerIsRefused() {
        headers.put("Cni-Containerid", "a".repeat(254));
        assertRefused("CNI_CONTAINERID");
        headers.put("Cni-Containerid", "a".repeat(253));
        headers.put("Cni-Args", "K8S_POD_NAME=" + "p".repeat(254));
        assertRefused("K8S_POD_NAME");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "..",
                "a/b",
                "a:b",
                "a b",
                "sixteencharacter",
                "a%25b",
                "a%00b",
                "a%C2%A0b",
                "%C3%A0",
                "%C3%BC%C3%BC%C3%BC%C3%BC%C3%BC%C3%BC%C3%BC%C3%BC"
            })
    void interfaceNameThatLinuxRefusesIsRefused(String name) {
        headers.put("Cni-Ifname", name);
        assertRefused("CNI_IFNAME");
    }

    @ParameterizedTest
    @CsvSource({
        "Cni-Command, '', CNI_COMMAND",
        "Cni-Command, add, CNI_COMMAND",
        "Cni-Args, novalue, CNI_ARGS",
        "Cni-Args, =x, CNI_ARGS",
        "Cni-Netns, '', CNI_NETNS",
        "Cni-Netns, /a%2, Cni-Netns",
        "Cni-Netns, /a%zz, Cni-Netns"
    })
    void invalidVariableIsRefused(String header, String value, String part) {
        headers.put(header, value);
        assertRefused(part);
    }

    @Test
    void onlyDeletionNeedsNoNamespace() {
        headers.put("Cni-Netns", "");
        headers.put("Cni-Command", "DEL");
        assertThat(read().netns()).isEmpty();
        headers.put("Cni-Command", "CHECK");
        assertRefused("CNI_NETNS");
    }

    @Test
    void commandsWithoutAttachmentNeedNoContainer() {
        headers.remove("Cni-Containerid");
        headers.remove("Cni-Ifname");
        headers.put("Cni-Command", "GC");
        assertThat(read().verb()).isEqualTo(Verb.GC);
    }

    /// Recorded requests of the binary; the binary's tests use the same files.
    private static final Path GOLDEN = Path.of("../cni-binary/tests/golden");

    static Stream<String> goldenRequests() throws IOException {
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
    @MethodSource("goldenRequests")
    void environmentAndStdinOfTheBinaryArriveUnchanged(String name) throws IOException {
        byte[] request = Files.readAllBytes(GOLDEN.resolve(name + ".http"));
        JsonNode call = CniCall.JSON.readTree(GOLDEN.resolve(name + ".json"));
        String head = new String(request, StandardCharsets.ISO_8859_1);
        head = head.substring(0, head.indexOf("\r\n\r\n") + 4);
        Map<String, String> headers = requestHeaders(head);
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
    @MethodSource("goldenRequests")
    void environmentOfTheBinaryIsAcceptedUnlessTheInterfaceNameIsInvalid(String name) throws IOException {
        String text = Files.readString(GOLDEN.resolve(name + ".http"));
        Map<String, String> headers = requestHeaders(text.substring(0, text.indexOf("\r\n\r\n") + 4));
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

    private static Map<String, String> requestHeaders(String head) {
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
