package io.multinic.agent.garbage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.multinic.contract.wire.PodRef;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Answers of the API server about a pod.
@EnableKubernetesMockClient
@Timeout(60)
class KubernetesPodLookupIT {
    private static final String PATH = "/api/v1/namespaces/default/pods/p";
    private static final PodRef POD = new PodRef("default", "p", "uid-1");

    @SuppressWarnings("NullAway.Init") // injected
    private KubernetesMockServer apiServer;

    @SuppressWarnings("NullAway.Init") // injected
    private KubernetesClient client;

    private void answers(String uid, String phase, Map<String, String> annotations) {
        var pod = new PodBuilder()
                .withNewMetadata()
                .withName("p")
                .withUid(uid)
                .withAnnotations(annotations)
                .endMetadata()
                .withNewStatus()
                .withPhase(phase)
                .endStatus()
                .build();
        apiServer.expect().get().withPath(PATH).andReturn(200, pod).once();
    }

    @ParameterizedTest
    @CsvSource({
        "uid-1, Running, false",
        "uid-1, Pending, false",
        "uid-1, Unknown, false",
        "uid-1, Succeeded, true",
        "uid-1, Failed, true",
        "uid-2, Running, true",
    })
    void podIsGoneIfAnotherPodHasItsNameOrItHasEnded(String uid, String phase, boolean gone) {
        answers(uid, phase, Map.of());
        assertThat(new KubernetesPodLookup(client).gone(POD)).isEqualTo(gone);
    }

    @Test
    void staticPodIsRecognisedByItsMirror() {
        answers("uid-of-the-mirror", "Running", Map.of("kubernetes.io/config.mirror", "uid-1"));
        assertThat(new KubernetesPodLookup(client).gone(POD)).isFalse();
    }

    @Test
    void unknownPodIsGone() {
        apiServer.expect().get().withPath(PATH).andReturn(404, "").once();
        assertThat(new KubernetesPodLookup(client).gone(POD)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403, 410, 429, 500, 503})
    void refusalsAndFailuresAreErrors(int code) {
        apiServer.expect().get().withPath(PATH).andReturn(code, "").always();
        var once = new ConfigBuilder(client.getConfiguration())
                .withRequestRetryBackoffLimit(0)
                .build();
        try (var withoutRetries = new KubernetesClientBuilder().withConfig(once).build()) {
            assertThatThrownBy(() -> new KubernetesPodLookup(withoutRetries).gone(POD))
                    .isInstanceOf(KubernetesClientException.class);
        }
    }
}
