package io.multinic.e2e.observe;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.multinic.contract.address.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Reads the pod annotations of Multus: `networks`, the request, and `network-status`, what Multus has attached. Pure.
public final class NetworkStatusAnnotation {
    private static final String REQUEST = "k8s.v1.cni.cncf.io/networks";
    private static final String STATUS = "k8s.v1.cni.cncf.io/network-status";

    private NetworkStatusAnnotation() {}

    /// The interfaces of `network` in the annotation, each with its first IPv4 address.
    public static List<PodNic> nics(Pod pod, String network) {
        String status = annotation(pod, STATUS);
        if (status.isEmpty()) {
            return List.of();
        }
        var nics = new ArrayList<PodNic>();
        for (JsonNode entry : Serialization.unmarshal(status, JsonNode.class)) {
            boolean ours = entry.path("name").asText().equals(pod.getMetadata().getNamespace() + "/" + network);
            if (ours && !entry.path("ips").isEmpty()) {
                nics.add(new PodNic(
                        entry.path("interface").asText(),
                        IpAddress.parse(entry.path("ips").get(0).asText())));
            }
        }
        return List.copyOf(nics);
    }

    /// The pod's request for networks as it is written; empty if it has none.
    public static String requested(Pod pod) {
        return annotation(pod, REQUEST);
    }

    private static String annotation(Pod pod, String name) {
        Map<String, String> annotations = pod.getMetadata().getAnnotations();
        return annotations == null ? "" : Objects.requireNonNullElse(annotations.get(name), "");
    }
}
