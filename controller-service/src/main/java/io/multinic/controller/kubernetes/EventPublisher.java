package io.multinic.controller.kubernetes;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.multinic.controller.status.StatusEvents.StatusEvent;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Publishes Kubernetes Events about an object; `kubectl describe` shows them.
///
/// An Event that cannot be written is logged and dropped, because the status contains the same facts. Publishing an
/// Event again increments its count.
public final class EventPublisher {
    /// Namespace of the Events of cluster-scoped objects, by Kubernetes' convention.
    private static final String NAMESPACE = "default";

    private static final String COMPONENT = ControllerIdentity.NAME;
    private static final int MAX_MESSAGE = 1000;
    private static final int MAX_NAME = 253;
    private static final Logger log = LoggerFactory.getLogger(EventPublisher.class);

    private final KubernetesClient client;
    private final InstantSource clock;

    public EventPublisher(KubernetesClient client, InstantSource clock) {
        this.client = client;
        this.clock = clock;
    }

    public void publish(HasMetadata about, StatusEvent event) {
        Event kubernetesEvent = event(about, event);
        String name = kubernetesEvent.getMetadata().getName();
        try {
            client.v1()
                    .events()
                    .inNamespace(NAMESPACE)
                    .resource(kubernetesEvent)
                    .create();
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                incrementCount(name);
            } else {
                logFailure(name, e);
            }
        }
    }

    private void incrementCount(String name) {
        try {
            client.v1()
                    .events()
                    .inNamespace(NAMESPACE)
                    .withName(name)
                    .edit(event -> new EventBuilder(event)
                            .withCount(Objects.requireNonNullElse(event.getCount(), 1) + 1)
                            .withLastTimestamp(now())
                            .build());
        } catch (KubernetesClientException e) {
            logFailure(name, e);
        }
    }

    private static void logFailure(String name, KubernetesClientException e) {
        log.atWarn().addKeyValue("event", name).setCause(e).log("event not written");
    }

    private Event event(HasMetadata about, StatusEvent event) {
        String message = event.message().substring(0, Math.min(event.message().length(), MAX_MESSAGE));
        var metadata = about.getMetadata();
        String identity = metadata.getUid() + event.severity() + event.reason() + message;
        String id = UUID.nameUUIDFromBytes(identity.getBytes(StandardCharsets.UTF_8))
                .toString();
        return new EventBuilder()
                .withNewMetadata()
                .withName(metadata.getName()
                                .substring(0, Math.min(metadata.getName().length(), MAX_NAME - id.length() - 1))
                        + "."
                        + id)
                .withNamespace(NAMESPACE)
                .endMetadata()
                .withNewInvolvedObject()
                .withApiVersion(about.getApiVersion())
                .withKind(about.getKind())
                .withName(metadata.getName())
                .withUid(metadata.getUid())
                .endInvolvedObject()
                .withType(event.severity().name())
                .withReason(event.reason())
                .withMessage(message)
                .withNewSource()
                .withComponent(COMPONENT)
                .endSource()
                .withReportingComponent(COMPONENT)
                .withReportingInstance(COMPONENT)
                .withFirstTimestamp(now())
                .withLastTimestamp(now())
                .withCount(1)
                .build();
    }

    private String now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
