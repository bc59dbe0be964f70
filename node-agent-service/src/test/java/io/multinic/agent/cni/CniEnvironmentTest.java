package io.multinic.agent.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.PodRef;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
}
