package io.multinic.agent.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.DaemonSetBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Answers of the API server while the agent is stopping.
@EnableKubernetesMockClient
@Timeout(60)
class OwnDaemonSetIT {
    private static final String PATH = "/apis/apps/v1/namespaces/multi-nic/daemonsets/multi-nic-node-agent";

    @SuppressWarnings("NullAway.Init") // injected
    private KubernetesMockServer apiServer;

    @SuppressWarnings("NullAway.Init") // injected
    private KubernetesClient client;

    private static OwnDaemonSet of(KubernetesClient client) {
        return new OwnDaemonSet(client, "multi-nic/multi-nic-node-agent", Duration.ofMillis(1));
    }

    private void answers(int times, int code, Object body) {
        apiServer.expect().get().withPath(PATH).andReturn(code, body).times(times);
    }

    private static DaemonSet daemonSet(String deletedAt) {
        return new DaemonSetBuilder()
                .withNewMetadata()
                .withName("multi-nic-node-agent")
                .withDeletionTimestamp(deletedAt)
                .endMetadata()
                .build();
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403, 404})
    void agentIsRemovedIfItsDaemonSetOrItsRightsAreGone(int code) throws InterruptedException {
        answers(2, code, "");
        assertThat(of(client).removed()).isTrue();
    }

    @Test
    void agentIsRemovedIfItsDaemonSetIsBeingDeleted() throws InterruptedException {
        answers(2, 200, daemonSet("2026-11-24T12:00:00Z"));
        assertThat(of(client).removed()).isTrue();
    }

    @Test
    void agentIsNotRemovedIfItsDaemonSetExists() throws InterruptedException {
        answers(1, 200, daemonSet(null));
        assertThat(of(client).removed()).isFalse();
    }

    @Test
    void refusalOfAStartingApiServerIsNoRemoval() throws InterruptedException {
        answers(1, 403, "");
        answers(1, 200, daemonSet(null));
        assertThat(of(client).removed()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "http://127.0.0.1:1"})
    void failedOrUnreachableApiServerIsNoRemoval(String master) throws InterruptedException {
        apiServer.expect().get().withPath(PATH).andReturn(500, "").always();
        var once = new ConfigBuilder(client.getConfiguration()).withRequestRetryBackoffLimit(0);
        if (!master.isEmpty()) {
            once.withMasterUrl(master);
        }
        try (var failing =
                new KubernetesClientBuilder().withConfig(once.build()).build()) {
            assertThat(of(failing).removed()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"multi-nic", "/name", "namespace/", "a/b/c"})
    void nameWithoutNamespaceIsRefused(String id) {
        assertThatThrownBy(() -> new OwnDaemonSet(client, id, Duration.ZERO)).hasMessageContaining(id);
    }
}
