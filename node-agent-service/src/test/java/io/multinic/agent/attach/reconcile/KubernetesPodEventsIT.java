package io.multinic.agent.attach.reconcile;

import static io.multinic.agent.reconcile.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.multinic.agent.attach.reconcile.AttachmentsState.Broken;
import io.multinic.contract.wire.PodRef;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Events of pods, written to a mock of the API server.
@EnableKubernetesMockClient(crud = true)
@Timeout(60)
class KubernetesPodEventsIT {
    private static final Broken BROKEN =
            new Broken(new PodRef("default", "p", "uid-1"), "net", "interface net1-0 is missing");

    @SuppressWarnings("NullAway.Init") // injected
    private KubernetesClient client;

    private List<Event> events(String namespace) {
        return client.v1().events().inNamespace(namespace).list().getItems();
    }

    @Test
    void eventNamesPodNodeNetworkAndReason() {
        try (var events = new KubernetesPodEvents(client, "node1", Clock.systemUTC())) {
            events.broken(BROKEN);
            eventually(() -> events("default").size() == 1);
            events.restored(BROKEN);
            eventually(() -> events("default").size() == 2);
        }
        assertThat(events("default"))
                .allSatisfy(event -> {
                    assertThat(event.getInvolvedObject().getKind()).isEqualTo("Pod");
                    assertThat(event.getInvolvedObject().getName()).isEqualTo("p");
                    assertThat(event.getInvolvedObject().getUid()).isEqualTo("uid-1");
                    assertThat(event.getMessage()).contains("network net on node node1", "interface net1-0 is missing");
                })
                .extracting(Event::getType, Event::getReason)
                .extracting(Object::toString)
                .containsExactlyInAnyOrder(
                        "(\"Warning\", \"AttachmentBroken\")", "(\"Normal\", \"AttachmentRestored\")");
    }

    @Test
    void attachmentWithoutAPodHasNoEvent() {
        try (var events = new KubernetesPodEvents(client, "node1", Clock.systemUTC())) {
            events.broken(new Broken(new PodRef("", "", ""), "net", "interface net1-0 is missing"));
            events.broken(BROKEN);
            eventually(() -> events("default").size() == 1);
        }
        assertThat(client.v1().events().inAnyNamespace().list().getItems()).hasSize(1);
    }
}
