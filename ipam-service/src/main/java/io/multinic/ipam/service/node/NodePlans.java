package io.multinic.ipam.service.node;

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

/// The plans of the current nodes, as their agents ask for them.
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

    @Override
    public long revision(String node) {
        return transactions.read(() -> queries.revision(requireCurrent(node)));
    }

    @Override
    public Map<String, Long> revisions(Collection<String> names) {
        return transactions.read(() -> queries.revisions(names));
    }

    @Override
    public NodePlan plan(String node) {
        return transactions.read(() -> queries.plan(requireCurrent(node)));
    }

    @Override
    public PlanUpdate wholePlan(PollState known) {
        return transactions.read(() -> {
            NodeRecord node = requireCurrent(known.node());
            Lineage lineage = lineages.read();
            if (lineage.mustSpeak(known.history(), known.revision(), lineages.spokeIn(node), lineages.lastRevision())) {
                throw known.sessionNeeded();
            }
            return PlanUpdate.full(lineage.present().toString(), queries.plan(node));
        });
    }

    @Override
    public Map<PollState, PollAnswer> news(Collection<PollState> known) {
        return transactions.read(() -> changes.news(known));
    }

    private NodeRecord requireCurrent(String name) {
        return nodes.findCurrent(name).orElseThrow(() -> LookupErrors.nodeUnknown(name));
    }
}
