package io.multinic.controller.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.multinic.contract.crd.MultiNicNetwork;
import io.multinic.contract.crd.MultiNicNetworkStatus;
import io.multinic.controller.status.StatusEvents;
import java.net.HttpURLConnection;

/// Writes the status of networks.
///
/// The controller is its only writer, so it is replaced as a whole: what an apply would leave of another
/// writer, such as the original's controller before ours came, was not observed by anybody who is there.
final class NetworkStatusStore {
    private final KubernetesClient client;
    private final Events events;

    NetworkStatusStore(KubernetesClient client, Events events) {
        this.client = client;
        this.events = events;
    }

    /// Writes `status`, which was computed from `network`, and tells what changed, unless it is the status that stands.
    /// False if the network has changed meanwhile: then nothing was written, and it must be looked at anew.
    boolean write(MultiNicNetwork network, MultiNicNetworkStatus status) {
        var before = network.getStatus();
        if (status.equals(before)) {
            return true;
        }
        var changed = new MultiNicNetwork();
        changed.setMetadata(network.getMetadata());
        changed.setSpec(network.getSpec());
        changed.setStatus(status);
        try {
            client.resource(changed).updateStatus();
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                return false;
            }
            throw e;
        }
        StatusEvents.between(before, status).forEach(event -> events.publish(network, event));
        return true;
    }
}
