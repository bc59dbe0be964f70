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

/// Retires a node at ipam-service when its Node object is deleted, by UID: a machine that comes back under the same
/// name is another node.
///
/// It sets no finalizer: nothing of ours may hold up a Node. A deletion that nobody saw is found by its HostInterface.
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
            boolean retired = retirement.retire(
                    node.getMetadata().getName(), node.getMetadata().getUid());
            metrics.reconciled("node", retired ? "retired" : "kept", Duration.ZERO);
        }
        return UpdateControl.noUpdate();
    }
}
