package io.multinic.controller.reconcile.node;

import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.NodeState;
import io.multinic.controller.ipam.IpamClient;
import io.multinic.controller.kubernetes.ApiServerErrors;
import io.multinic.controller.metrics.ControllerMetrics;
import io.multinic.controller.node.MissingNodes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Retires the nodes at ipam-service that left the cluster without an event, and those that were superseded by another
/// node of the same name.
///
/// A node whose Node and HostInterface are both gone causes no event. The sweep compares the nodes that ipam-service
/// knows with the API server's own list, never with a cache; see [MissingNodes] for the proof. Not thread-safe.
public final class NodeSweep {
    private static final Logger log = LoggerFactory.getLogger(NodeSweep.class);

    /// Page size of the list: a Node is a large object.
    private static final long NODES_AT_A_TIME = 500;

    private final KubernetesClient client;
    private final IpamClient ipam;
    private final NodeRemoval removal;
    private final ControllerMetrics metrics;
    private final InstantSource clock;
    private final Duration period;
    private final Duration goneAfter;
    private MissingNodes missing = MissingNodes.NONE;

    /// @param period time between two sweeps, unless a node is missing or not retired yet
    /// @param goneAfter how long a node must be missing before it is retired
    public NodeSweep(
            KubernetesClient client,
            IpamClient ipam,
            ControllerMetrics metrics,
            InstantSource clock,
            Duration period,
            Duration goneAfter) {
        this.client = client;
        this.ipam = ipam;
        this.removal = new NodeRemoval(client, ipam);
        this.metrics = metrics;
        this.clock = clock;
        this.period = period;
        this.goneAfter = goneAfter;
    }

    /// Compares and retires once.
    ///
    /// @return the time until the next check
    public Duration check() {
        Instant start = clock.instant();
        try {
            // In this order: a node that joins in between is in the list of the cluster.
            var known = ipam.nodes();
            missing = missing.check(known.stream().map(NodeState::nodeUid).toList(), present(), start);
            var kept = known.stream()
                    .filter(node -> missing.isGone(node.nodeUid(), start, goneAfter))
                    .filter(node -> !removal.retireGone(node.node(), node.nodeUid()))
                    .toList();
            metrics.reconciled("node_sweep", "done", Duration.between(start, clock.instant()));
            boolean unproven =
                    missing.since().keySet().stream().anyMatch(uid -> !missing.isGone(uid, start, goneAfter));
            return unproven || !kept.isEmpty() ? goneAfter : period;
        } catch (MultiNicException e) {
            return comparisonFailed(e.getMessage(), start);
        } catch (KubernetesClientException e) {
            return comparisonFailed(ApiServerErrors.reason(e), start);
        }
    }

    private Duration comparisonFailed(String reason, Instant start) {
        log.atWarn().addKeyValue("reason", reason).log("nodes not compared, retrying");
        metrics.reconciled("node_sweep", "unavailable", Duration.between(start, clock.instant()));
        return goneAfter;
    }

    private Set<String> present() {
        var uids = new HashSet<String>();
        String next = null;
        do {
            var part = client.nodes()
                    .list(new ListOptionsBuilder()
                            .withLimit(NODES_AT_A_TIME)
                            .withContinue(next)
                            .build());
            part.getItems().forEach(node -> uids.add(node.getMetadata().getUid()));
            next = part.getMetadata().getContinue();
        } while (next != null && !next.isEmpty());
        return uids;
    }
}
