package io.multinic.e2e.observe;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.multinic.e2e.harness.ClusterUnderTest;
import io.multinic.e2e.harness.PodObjects;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// Records every interface that a pod annotation or a kernel ever showed. The ledger must cover all of them.
///
/// The recorder watches the API server; it may miss changes while the API server is unavailable.
public final class SightingRecorder implements AutoCloseable {
    private final String network;
    private final ConcurrentMap<String, Sighting> sightings = new ConcurrentHashMap<>();
    private final SharedIndexInformer<Pod> informer;

    public SightingRecorder(ClusterUnderTest cluster, String network) {
        this.network = network;
        informer = cluster.kubernetes()
                .pods()
                .inNamespace(ClusterUnderTest.NAMESPACE)
                .inform(new ResourceEventHandler<>() {
                    @Override
                    public void onAdd(Pod pod) {
                        recordAnnotated(pod);
                    }

                    @Override
                    public void onUpdate(Pod before, Pod pod) {
                        recordAnnotated(pod);
                    }

                    @Override
                    public void onDelete(Pod pod, boolean finalStateUnknown) {
                        recordAnnotated(pod);
                    }
                });
    }

    /// Records the first moment only: an annotation does not prove that the pod still has the interface.
    private void recordAnnotated(Pod pod) {
        for (PodNic nic : NetworkStatusAnnotation.nics(pod, network)) {
            Instant now = Instant.now();
            sightings.putIfAbsent(
                    key(pod.getMetadata().getUid(), nic),
                    new Sighting(
                            pod.getMetadata().getUid(),
                            PodObjects.name(pod),
                            pod.getSpec().getNodeName(),
                            nic,
                            now,
                            now));
        }
    }

    /// Records interfaces that the kernel had at `time`.
    void recordRunning(List<RunningPod> pods, Instant time) {
        for (RunningPod pod : pods) {
            for (PodNic nic : pod.nics()) {
                sightings.merge(
                        key(pod.uid(), nic),
                        new Sighting(pod.uid(), pod.name(), pod.node(), nic, time, time),
                        (before, now) -> before.extendedTo(time));
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
