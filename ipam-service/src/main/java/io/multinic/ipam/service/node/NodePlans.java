package io.multinic.ipam.service.node;

import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.PlanUpdate;
import io.multinic.ipam.delivery.PlanSource;
import io.multinic.ipam.poll.PollAnswer;
import io.multinic.ipam.poll.PollState;
import io.multinic.ipam.recovery.Lineage;
import io.multinic.ipam.service.LookupErrors;
import io.multinic.ipam.store.NodeRecord;
import io.multinic.ipam.store.Transactions;
import io.multinic.ipam.store.plan.LineageStore;
import io.multinic.ipam.store.plan.NodeStore;
import io.multinic.ipam.store.plan.PlanChangeLog;
import io.multinic.ipam.store.plan.PlanQueries;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/// Plans of the current nodes, for their agents.
public final class NodePlans implements PlanSource {
    private final Transactions transactions;
    private final NodeStore nodes;
    private final PlanQueries queries;
    private final PlanChangeLog changes;
    private final LineageStore lineages;

    public NodePlans(
            Transactions transactions,
            NodeStore nodes,
            PlanQueries queries,
            PlanChangeLog changes,
            LineageStore lineages) {
        this.transactions = transactions;
        this.nodes = nodes;
        this.queries = queries;
        this.changes = changes;
        this.lineages = lineages;
    }

    /// Plan of the current node of this name; empty if its revision is `known`.
    ///
    /// @throws MultiNicException NODE_UNKNOWN
    public Optional<NodePlan> planUnless(String name, long known) {
        return transactions.read(() -> {
            NodeRecord node = requireCurrent(name);
            return queries.revision(node) == known ? Optional.empty() : Optional.of(queries.plan(node));
        });
    }

    @Override
    public PlanUpdate wholePlan(PollState known) {
        return transactions.read(() -> {
            NodeRecord node = requireCurrent(known.node());
            Lineage lineage = lineages.read();
            if (lineage.needsSession(
                    known.history(), known.revision(), lineages.reportedIn(node), lineages.lastRevision())) {
                throw known.sessionNeeded();
            }
            return PlanUpdate.full(lineage.present().toString(), queries.plan(node));
        });
    }

    @Override
    public Map<PollState, PollAnswer> answers(Collection<PollState> states) {
        return transactions.read(() -> changes.answers(states));
    }

    private NodeRecord requireCurrent(String name) {
        return nodes.findCurrent(name).orElseThrow(() -> LookupErrors.nodeUnknown(name));
    }
}
