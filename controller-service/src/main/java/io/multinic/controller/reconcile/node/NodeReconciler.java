package io.multinic.controller.kubernetes;

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

/// Retires a node at ipam-service when its Node object is deleted.
///
/// It sets no finalizer: nothing of ours may hold up a Node. A deletion that nobody saw is found by the HostInterface.
@ControllerConfiguration(name = "node", triggerReconcilerOnAllEvents = true)
public final class NodeReconciler implements Reconciler<Node> {
    private final NodeRetirement retirement;
    private final ControllerMetrics metrics;

    public NodeReconciler(KubernetesClient client, IpamClient ipam, ControllerMetrics metrics) {
        this.retirement = new NodeRetirement(client, ipam);
        this.metrics = metrics;
    }

    @Override
    public UpdateControl<Node> reconcile(Node node, Context<Node> context) {
        if (context.isPrimaryResourceDeleted()) {
            var outcome = retirement.retireIfGone(node.getMetadata().getName());
            metrics.reconciled("node", outcome.name().toLowerCase(Locale.ROOT), Duration.ZERO);
        }
        return UpdateControl.noUpdate();
    }
}
