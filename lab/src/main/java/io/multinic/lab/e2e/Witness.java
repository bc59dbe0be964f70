package io.multinic.lab.e2e;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// Remembers every interface that any pod was ever said or seen to have: what the ledger must be able to tell.
///
/// It watches the API server like any client, so what comes and goes while that is away it may miss.
final class Witness implements AutoCloseable {
    private final String network;
    private final ConcurrentMap<String, Sighting> sightings = new ConcurrentHashMap<>();
    private final SharedIndexInformer<Pod> informer;

    Witness(Site site, String network) {
        this.network = network;
        informer = site.kubernetes().pods().inNamespace(Site.NAMESPACE).inform(new ResourceEventHandler<>() {
            @Override
            public void onAdd(Pod pod) {
                told(pod);
            }

            @Override
            public void onUpdate(Pod before, Pod pod) {
                told(pod);
            }

            @Override
            public void onDelete(Pod pod, boolean finalStateUnknown) {
                told(pod);
            }
        });
    }

    /// An annotation is no proof that the pod still has it: it counts for its first moment only.
    private void told(Pod pod) {
        for (PodNic nic : Pods.told(pod, network)) {
            Instant now = Instant.now();
            sightings.putIfAbsent(
                    key(pod.getMetadata().getUid(), nic),
                    new Sighting(
                            pod.getMetadata().getUid(),
                            Pods.name(pod),
                            pod.getSpec().getNodeName(),
                            nic,
                            now,
                            now));
        }
    }

    /// The kernel had these at `when`.
    void saw(List<LivePod> pods, Instant when) {
        for (LivePod pod : pods) {
            for (PodNic nic : pod.nics()) {
                sightings.merge(
                        key(pod.uid(), nic),
                        new Sighting(pod.uid(), pod.name(), pod.node(), nic, when, when),
                        (before, now) -> before.until(when));
            }
        }
    }

    private static String key(String uid, PodNic nic) {
        return uid + " " + nic;
    }

    List<Sighting> sightings() {
        return List.copyOf(sightings.values());
    }

    @Override
    public void close() {
        informer.close();
    }
}
