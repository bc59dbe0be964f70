package io.multinic.controller.reconcile.network;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.multinic.contract.crd.MultiNicNetwork;
import io.multinic.contract.crd.MultiNicNetworkStatus;
import io.multinic.controller.kubernetes.EventPublisher;
import io.multinic.controller.status.StatusEvents;
import java.net.HttpURLConnection;

/// Writes the status of MultiNicNetworks and publishes Events about its changes.
///
/// The controller is the only writer and replaces the whole status. A server-side apply would keep fields of earlier
/// writers, such as the original's controller, that nothing observes any more.
final class NetworkStatusStore {
    private final KubernetesClient client;
    private final EventPublisher events;

    NetworkStatusStore(KubernetesClient client, EventPublisher events) {
        this.client = client;
        this.events = events;
    }

    /// Writes `status`, which was computed from `network`, unless it equals the present one.
    ///
    /// @return false if the network has changed meanwhile: nothing was written, and it must be reconciled again
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
