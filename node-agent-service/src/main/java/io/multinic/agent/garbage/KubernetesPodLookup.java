package io.multinic.agent.garbage;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.multinic.contract.wire.PodRef;
import java.util.Map;
import java.util.Set;

/// Reads the state of a pod from the API server, without watch or cache.
public final class KubernetesPodLookup implements PodLookup {
    /// Annotation of the mirror of a static pod with the UID that the kubelet uses.
    private static final String STATIC_POD_UID = "kubernetes.io/config.mirror";

    private static final Set<String> ENDED = Set.of("Succeeded", "Failed");

    private final KubernetesClient kubernetes;

    public KubernetesPodLookup(KubernetesClient kubernetes) {
        this.kubernetes = kubernetes;
    }

    @Override
    public boolean gone(PodRef pod) {
        Pod found = kubernetes
                .pods()
                .inNamespace(pod.namespace())
                .withName(pod.name())
                .get();
        if (found == null || !isUidOf(pod.uid(), found.getMetadata())) {
            return true;
        }
        return found.getStatus() != null
                && ENDED.contains(String.valueOf(found.getStatus().getPhase()));
    }

    private static boolean isUidOf(String uid, ObjectMeta found) {
        Map<String, String> annotations = found.getAnnotations();
        return uid.equals(found.getUid()) || (annotations != null && uid.equals(annotations.get(STATIC_POD_UID)));
    }
}
