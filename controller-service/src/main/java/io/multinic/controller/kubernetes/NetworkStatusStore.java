package io.multinic.controller.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.multinic.contract.crd.MultiNicNetwork;
import io.multinic.contract.crd.MultiNicNetworkStatus;
import io.multinic.controller.status.StatusEvents;

/// Writes the status of networks. The controller is its only writer, so it is replaced as a whole.
final class NetworkStatusStore {
    private final KubernetesClient client;
    private final Events events;

    NetworkStatusStore(KubernetesClient client, Events events) {
        this.client = client;
        this.events = events;
    }

    /// Writes `status` and tells what changed, unless it is the status that stands.
    void write(MultiNicNetwork network, MultiNicNetworkStatus status) {
        var before = network.getStatus();
        if (status.equals(before)) {
            return;
        }
        // A JSON patch that adds replaces what is there: no merge of lists, no dependence on what the cache has seen.
        String patch = "[{\"op\":\"add\",\"path\":\"/status\",\"value\":" + Serialization.asJson(status) + "}]";
        client.resources(MultiNicNetwork.class)
                .withName(network.getMetadata().getName())
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON), patch);
        StatusEvents.between(before, status).forEach(event -> events.publish(network, event));
    }
}
