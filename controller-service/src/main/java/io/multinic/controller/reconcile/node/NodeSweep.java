package io.multinic.controller.kubernetes;

import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.NodeState;
import io.multinic.controller.ipam.IpamClient;
import io.multinic.controller.metrics.ControllerMetrics;
import io.multinic.controller.node.MissedNodes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds the nodes that left the cluster while nobody looked, and those whose name another one has taken, and retires
/// them at ipam-service.
///
/// Events and HostInterfaces do not tell of a node whose Node and HostInterface are both gone. What
/// ipam-service knows is held against the API server's own list, never against a cache; see [MissedNodes]
/// for what that proves. Not for use by several threads.
public final class NodeSweep {
    private static final Logger LOG = LoggerFactory.getLogger(NodeSweep.class);

    /// A Node is large; a part of the list at a time is enough.
    private static final long NODES_AT_A_TIME = 500;

    private final KubernetesClient client;
    private final IpamClient ipam;
    private final NodeRetirement retirement;
    private final ControllerMetrics metrics;
    private final InstantSource clock;
    private final Duration period;
    private final Duration goneAfter;
    private MissedNodes missed = MissedNodes.NONE;

    /// @param period from one look to the next, unless a node was missed that must be looked for, or retired, again
    /// @param goneAfter for how long a node must be missed
    public NodeSweep(
            KubernetesClient client,
            IpamClient ipam,
            ControllerMetrics metrics,
            InstantSource clock,
            Duration period,
            Duration goneAfter) {
        this.client = client;
        this.ipam = ipam;
        this.retirement = new NodeRetirement(client, ipam);
        this.metrics = metrics;
        this.clock = clock;
        this.period = period;
        this.goneAfter = goneAfter;
    }

    /// One look. Returns how long it is to the next one.
    public Duration look() {
        Instant start = clock.instant();
        try {
            // In this order: a node that comes in between is in the cluster's list.
            var known = ipam.nodes();
            missed = missed.look(known.stream().map(NodeState::nodeUid).toList(), present(), start);
            var kept = known.stream()
                    .filter(node -> missed.isGone(node.nodeUid(), start, goneAfter))
                    .filter(node -> !retirement.retireGone(node.node(), node.nodeUid()))
                    .toList();
            metrics.reconciled("node_sweep", "done", Duration.between(start, clock.instant()));
            boolean unproven = missed.since().keySet().stream().anyMatch(uid -> !missed.isGone(uid, start, goneAfter));
            return unproven || !kept.isEmpty() ? goneAfter : period;
        } catch (MultiNicException e) {
            return notCompared(e.getMessage(), start);
        } catch (KubernetesClientException e) {
            return notCompared(ApiServerErrors.reason(e), start);
        }
    }

    private Duration notCompared(String reason, Instant start) {
        LOG.atWarn().addKeyValue("reason", reason).log("nodes not compared, retrying");
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
