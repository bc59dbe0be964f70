package io.multinic.agent.nic;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.multinic.agent.select.DeviceClasses;
import io.multinic.agent.select.DeviceIds;
import io.multinic.contract.crd.DeviceClass;
import io.multinic.contract.crd.DeviceClassSpec;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Follows the DeviceClasses of the cluster. What was read last stays valid while the API server does not answer.
public final class DeviceClassInformer implements Supplier<DeviceClasses>, AutoCloseable {
    private final SharedIndexInformer<DeviceClass> informer;

    public DeviceClassInformer(KubernetesClient kubernetes) {
        informer = kubernetes.resources(DeviceClass.class).runnableInformer(0);
        informer.exceptionHandler((_, _) -> true);
    }

    /// Starts reading; needs no API server to start.
    public void start() {
        var _ = informer.start();
    }

    @Override
    public DeviceClasses get() {
        if (!informer.hasSynced()) {
            return DeviceClasses.UNKNOWN;
        }
        return DeviceClasses.of(informer.getStore().list().stream()
                .collect(Collectors.toMap(one -> one.getMetadata().getName(), one -> ids(one.getSpec()))));
    }

    private static DeviceIds ids(@Nullable DeviceClassSpec spec) {
        return new DeviceIds(
                spec == null
                        ? List.of()
                        : spec.ids().stream()
                                .map(id -> new DeviceIds.Vendor(id.vendor(), Set.copyOf(id.products())))
                                .toList());
    }

    @Override
    public void close() {
        informer.stop();
    }
}
