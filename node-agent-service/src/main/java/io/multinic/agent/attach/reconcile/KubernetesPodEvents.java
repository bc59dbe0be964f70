package io.multinic.agent.attach.reconcile;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.multinic.agent.attach.reconcile.AttachmentsState.Broken;
import io.multinic.contract.wire.PodRef;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reports attachments as Events of their pods; `kubectl describe pod` shows them.
///
/// Events are written by a thread of their own, since the API server may not answer. Of more than [#QUEUE] that wait,
/// the oldest are dropped: the HostInterface contains the state.
public final class KubernetesPodEvents implements AttachmentReports, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(KubernetesPodEvents.class);
    private static final int QUEUE = 64;
    private static final int MAX_MESSAGE = 1000;
    private static final int MAX_NAME = 253;
    private static final String COMPONENT = "multi-nic-node-agent";

    private final KubernetesClient kubernetes;
    private final String node;
    private final InstantSource clock;
    private final ThreadPoolExecutor writer = new ThreadPoolExecutor(
            1,
            1,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(QUEUE),
            Thread.ofPlatform().name("pod-events").daemon().factory(),
            new ThreadPoolExecutor.DiscardOldestPolicy());

    public KubernetesPodEvents(KubernetesClient kubernetes, String node, InstantSource clock) {
        this.kubernetes = kubernetes;
        this.node = node;
        this.clock = clock;
        writer.allowCoreThreadTimeOut(true);
    }

    @Override
    public void broken(Broken attachment) {
        publish(
                attachment,
                "Warning",
                "AttachmentBroken",
                "deviates and cannot be restored: " + attachment.reason()
                        + "; restore the named objects, or delete the pod to have it made again");
    }

    @Override
    public void restored(Broken restored) {
        publish(restored, "Normal", "AttachmentRestored", "was restored: " + restored.reason());
    }

    private void publish(Broken attachment, String type, String reason, String text) {
        PodRef pod = attachment.pod();
        if (pod.name().isEmpty() || pod.namespace().isEmpty()) {
            return;
        }
        String message = "network " + attachment.network() + " on node " + node + " " + text;
        Event event = event(pod, type, reason, message.substring(0, Math.min(message.length(), MAX_MESSAGE)));
        writer.execute(() -> write(event));
    }

    private void write(Event event) {
        try {
            kubernetes
                    .v1()
                    .events()
                    .inNamespace(event.getMetadata().getNamespace())
                    .resource(event)
                    .create();
        } catch (KubernetesClientException e) {
            log.atWarn()
                    .addKeyValue("pod", event.getInvolvedObject().getName())
                    .addKeyValue("reason", e.getMessage())
                    .log("event not written");
        }
    }

    private Event event(PodRef pod, String type, String reason, String message) {
        String id = UUID.randomUUID().toString();
        String now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        return new EventBuilder()
                .withNewMetadata()
                .withName(pod.name().substring(0, Math.min(pod.name().length(), MAX_NAME - id.length() - 1)) + "." + id)
                .withNamespace(pod.namespace())
                .endMetadata()
                .withNewInvolvedObject()
                .withApiVersion("v1")
                .withKind("Pod")
                .withNamespace(pod.namespace())
                .withName(pod.name())
                .withUid(pod.uid())
                .endInvolvedObject()
                .withType(type)
                .withReason(reason)
                .withMessage(message)
                .withNewSource()
                .withComponent(COMPONENT)
                .withHost(node)
                .endSource()
                .withReportingComponent(COMPONENT)
                .withReportingInstance(node)
                .withFirstTimestamp(now)
                .withLastTimestamp(now)
                .withCount(1)
                .build();
    }

    @Override
    public void close() {
        writer.shutdownNow();
    }
}
