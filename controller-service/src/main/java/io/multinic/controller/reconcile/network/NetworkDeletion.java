package io.multinic.controller.reconcile.network;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.multinic.contract.crd.MultiNicNetwork;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.controller.ipam.IpamClient;
import io.multinic.controller.status.AttachmentReport;
import io.multinic.controller.status.NetworkStatuses;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Deletes what belongs to a MultiNicNetwork that is marked for deletion: its attachments, then its plan.
final class NetworkDeletion {
    /// Annotation that deletes a network although ipam-service refuses or does not answer. ipam-service keeps the plan
    /// then: addresses stay held, and a new network of the name finds the old plan.
    private static final String ABANDON_ANNOTATION = "multinic.fms.io/abandon";

    private static final Logger log = LoggerFactory.getLogger(NetworkDeletion.class);

    private final KubernetesClient client;
    private final IpamClient ipam;
    private final NetworkAttachmentStore attachments;
    private final NetworkStatusStore statuses;
    private final InstantSource clock;

    NetworkDeletion(
            KubernetesClient client,
            IpamClient ipam,
            NetworkAttachmentStore attachments,
            NetworkStatusStore statuses,
            InstantSource clock) {
        this.client = client;
        this.ipam = ipam;
        this.attachments = attachments;
        this.statuses = statuses;
        this.clock = clock;
    }

    /// @return true if nothing is left and the finalizer can be removed
    boolean delete(MultiNicNetwork network) {
        return deleteAttachments(network) && deletePlan(network);
    }

    /// Attachments come first, so that no new pod joins. DEL of running pods needs only the record on the node.
    private boolean deleteAttachments(MultiNicNetwork network) {
        AttachmentReport removed = attachments.removeAll(network);
        if (!removed.problems().isEmpty()) {
            log.atWarn()
                    .addKeyValue("network", network.getMetadata().getName())
                    .addKeyValue("problems", removed.problems())
                    .log("network attachments not removed, retrying");
        }
        return removed.problems().isEmpty();
    }

    private boolean deletePlan(MultiNicNetwork network) {
        String name = network.getMetadata().getName();
        try {
            ipam.deleteNetwork(name);
        } catch (MultiNicException e) {
            if (!isAbandoned(network)) {
                reportBlocked(name, e);
                return false;
            }
            log.atWarn()
                    .addKeyValue("network", name)
                    .addKeyValue("reason", e.getMessage())
                    .log("network abandoned, ipam-service keeps its plan");
        }
        log.atInfo().addKeyValue("network", name).log("network deleted");
        return true;
    }

    private void reportBlocked(String name, MultiNicException e) {
        MultiNicNetwork network =
                client.resources(MultiNicNetwork.class).withName(name).get();
        if (network != null) {
            statuses.write(
                    network,
                    NetworkStatuses.deletionBlocked(
                            network.getStatus(),
                            network.getMetadata().getGeneration(),
                            e.code() == ErrorCode.IN_USE,
                            e.getMessage(),
                            clock.instant()));
        }
    }

    private static boolean isAbandoned(MultiNicNetwork network) {
        var annotations = network.getMetadata().getAnnotations();
        return annotations != null && "true".equals(annotations.get(ABANDON_ANNOTATION));
    }
}
