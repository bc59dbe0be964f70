package io.multinic.e2e.harness;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Reads state from Pod objects. Pure.
public final class PodObjects {
    private PodObjects() {}

    public static boolean ready(Pod pod) {
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

    /// Time from the creation of a pod to its condition Ready, in whole seconds, which is the resolution of the API.
    public static Duration timeToReady(Pod pod) {
        Instant created = Instant.parse(pod.getMetadata().getCreationTimestamp());
        return readyCondition(pod)
                .map(condition -> Duration.between(created, Instant.parse(condition.getLastTransitionTime())))
                .orElse(Duration.ZERO);
    }

    public static int restarts(Pod pod) {
        return pod.getStatus().getContainerStatuses().stream()
                .mapToInt(ContainerStatus::getRestartCount)
                .sum();
    }

    public static String name(Pod pod) {
        return pod.getMetadata().getNamespace() + "/" + pod.getMetadata().getName();
    }

    /// The number of pods in each state, with the state names of kubectl.
    public static String states(List<Pod> pods) {
        return pods.stream()
                .collect(Collectors.groupingBy(PodObjects::state, TreeMap::new, Collectors.counting()))
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
