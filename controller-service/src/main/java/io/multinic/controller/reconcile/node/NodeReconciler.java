package io.multinic.controller.reconcile.node;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.multinic.controller.ipam.IpamClient;
import io.multinic.controller.metrics.ControllerMetrics;
import java.time.Duration;
import java.util.Locale;

/// Retires a node at ipam-service after its Node object was deleted.
///
/// It sets no finalizer, so it never delays the deletion of a Node. A deletion that it misses is found by
/// [HostInterfaceReconciler] or [NodeSweep].
@ControllerConfiguration(name = "node", triggerReconcilerOnAllEvents = true)
public final class NodeReconciler implements Reconciler<Node> {
    private final NodeRemoval removal;
    private final ControllerMetrics metrics;

    public NodeReconciler(KubernetesClient client, IpamClient ipam, ControllerMetrics metrics) {
        this.removal = new NodeRemoval(client, ipam);
        this.metrics = metrics;
    }

    @Override
    public UpdateControl<Node> reconcile(Node node, Context<Node> context) {
        if (context.isPrimaryResourceDeleted()) {
            var outcome = removal.retireIfGone(node.getMetadata().getName());
            metrics.reconciled("node", outcome.name().toLowerCase(Locale.ROOT), Duration.ZERO);
        }
        return UpdateControl.noUpdate();
    }
}
