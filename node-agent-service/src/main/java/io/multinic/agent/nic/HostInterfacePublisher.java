package io.multinic.agent.nic;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.multinic.agent.identity.NodeIdentity;
import io.multinic.contract.crd.HostInterface;
import io.multinic.contract.crd.HostInterfaceStatus;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Publishes the HostInterface of this node: its NICs as the spec, the observed state of the kernel as the status.
///
/// Writes only differences, with the resource version: a conflict is an exception, and the next run starts from the
/// newer object. The spec of a HostInterface labelled as unmanaged is read instead of written; its status is written.
public final class HostInterfacePublisher {
    private static final Logger log = LoggerFactory.getLogger(HostInterfacePublisher.class);

    private final KubernetesClient kubernetes;
    private final String node;
    private final NodeIdentity identity;
    private final KernelNics nics;
    private final Supplier<Optional<HostInterfaceStatus>> observed;
    private final InstantSource clock;

    /// @param observed the status to publish, without a time; empty as long as nothing was observed
    public HostInterfacePublisher(
            KubernetesClient kubernetes,
            String node,
            NodeIdentity identity,
            KernelNics nics,
            Supplier<Optional<HostInterfaceStatus>> observed,
            InstantSource clock) {
        this.kubernetes = kubernetes;
        this.node = node;
        this.identity = identity;
        this.nics = nics;
        this.observed = observed;
        this.clock = clock;
    }

    /// Reads the Node and publishes NICs and status once.
    ///
    /// @return false while the Node is missing
    public boolean reconcile() {
        boolean nodeKnown = learnNode();
        HostInterface existing = resource().get();
        if (existing != null && HostInterfaceModel.unmanaged(existing)) {
            useDeclaredNics(existing);
            publishStatus(existing);
            return nodeKnown;
        }
        useDiscoveredNics();
        publishStatus(publishNics(existing));
        return nodeKnown;
    }

    /// Calls `changed` after each change of the HostInterface; needs no API server to start.
    public SharedIndexInformer<HostInterface> watch(Runnable changed) {
        SharedIndexInformer<HostInterface> informer = resource().runnableInformer(0);
        informer.exceptionHandler((_, _) -> true);
        informer.addEventHandler(new ResourceEventHandler<>() {
            @Override
            public void onAdd(HostInterface added) {
                changed.run();
            }

            @Override
            public void onUpdate(HostInterface before, HostInterface after) {
                changed.run();
            }

            @Override
            public void onDelete(HostInterface deleted, boolean finalStateUnknown) {
                changed.run();
            }
        });
        var _ = informer.start();
        return informer;
    }

    private Resource<HostInterface> resource() {
        return kubernetes.resources(HostInterface.class).withName(node);
    }

    private boolean learnNode() {
        Node object = kubernetes.nodes().withName(node).get();
        if (object == null) {
            log.atDebug().addKeyValue("node", node).log("Node not found");
            return false;
        }
        identity.learn(object.getMetadata().getUid());
        return true;
    }

    private void useDeclaredNics(HostInterface users) {
        if (nics.declare(Optional.ofNullable(users.getSpec()).map(HostInterfaceModel::declared))) {
            log.atInfo().log("HostInterface is unmanaged, declared NICs are used");
            nics.refresh();
        }
    }

    private void useDiscoveredNics() {
        if (nics.declare(Optional.empty())) {
            log.atInfo().log("HostInterface is managed again, discovered NICs are used");
            nics.refresh();
        }
    }

    private HostInterface publishNics(@Nullable HostInterface existing) {
        Optional<HostInterface> desired = HostInterfaceModel.desired(existing, node, identity.uid(), nics.nics());
        if (desired.isEmpty() && existing != null) {
            return existing;
        }
        HostInterface object = desired.orElseThrow();
        Resource<HostInterface> target = kubernetes.resource(object);
        HostInterface written = existing == null ? target.create() : target.update();
        log.atInfo()
                .addKeyValue("interfaces", object.getSpec().interfaces().size())
                .log(existing == null ? "HostInterface created" : "HostInterface updated");
        return written;
    }

    private void publishStatus(HostInterface object) {
        Optional<HostInterfaceStatus> status = observed.get();
        if (status.isEmpty() || HostInterfaceModel.sameObservation(object.getStatus(), status.get())) {
            return;
        }
        String now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        object.setStatus(HostInterfaceModel.at(now, status.get(), object.getStatus()));
        kubernetes.resource(object).updateStatus();
        log.atDebug().addKeyValue("revision", status.get().planRevision()).log("HostInterface status written");
    }
}
