package io.multinic.lab.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.multinic.contract.address.IpAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// What the API server says of pods, read. Pure.
final class Pods {
    private static final String NETWORK_STATUS = "k8s.v1.cni.cncf.io/network-status";

    private Pods() {}

    static boolean ready(Pod pod) {
        return pod.getMetadata().getDeletionTimestamp() == null
                && readyCondition(pod)
                        .filter(condition -> condition.getStatus().equals("True"))
                        .isPresent();
    }

    private static Optional<PodCondition> readyCondition(Pod pod) {
        return pod.getStatus().getConditions().stream()
                .filter(condition -> condition.getType().equals("Ready"))
                .findFirst();
    }

    /// From the creation of a ready pod to Ready, in whole seconds: the API server keeps no more.
    static Duration timeToReady(Pod pod) {
        Instant created = Instant.parse(pod.getMetadata().getCreationTimestamp());
        return readyCondition(pod)
                .map(condition -> Duration.between(created, Instant.parse(condition.getLastTransitionTime())))
                .orElse(Duration.ZERO);
    }

    /// The interfaces that `network-status` tells of `network`, with their first IPv4 address.
    static List<PodNic> told(Pod pod, String network) {
        String status = annotation(pod, NETWORK_STATUS);
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

    private static String annotation(Pod pod, String name) {
        Map<String, String> annotations = pod.getMetadata().getAnnotations();
        return annotations == null ? "" : Objects.requireNonNullElse(annotations.get(name), "");
    }

    static int restarts(Pod pod) {
        return pod.getStatus().getContainerStatuses().stream()
                .mapToInt(ContainerStatus::getRestartCount)
                .sum();
    }

    static String name(Pod pod) {
        return pod.getMetadata().getNamespace() + "/" + pod.getMetadata().getName();
    }

    /// How many pods are in which state, in the words of kubectl.
    static String states(List<Pod> pods) {
        return pods.stream()
                .collect(Collectors.groupingBy(Pods::state, TreeMap::new, Collectors.counting()))
                .toString();
    }

    private static String state(Pod pod) {
        if (pod.getMetadata().getDeletionTimestamp() != null) {
            return "Terminating";
        }
        return pod.getStatus().getContainerStatuses().stream()
                .map(ContainerStatus::getState)
                .filter(state -> state.getWaiting() != null)
                .map(state -> state.getWaiting().getReason())
                .findFirst()
                .orElseGet(() -> pod.getStatus().getPhase() + (ready(pod) ? ", ready" : ""));
    }
}
