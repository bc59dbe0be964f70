package io.multinic.ipam.service.node;

import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.NodeState;
import io.multinic.ipam.service.LookupErrors;
import io.multinic.ipam.store.Transactions;
import io.multinic.ipam.store.plan.NodeQueries;
import java.util.List;

/// Queries of nodes.
public final class NodeStates {
    private final Transactions transactions;
    private final NodeQueries queries;

    public NodeStates(Transactions transactions, NodeQueries queries) {
        this.transactions = transactions;
        this.queries = queries;
    }

    /// @throws MultiNicException NODE_UNKNOWN
    public NodeState get(String name) {
        return transactions.read(() -> queries.current(name)).orElseThrow(() -> LookupErrors.nodeUnknown(name));
    }

    /// Current nodes, by name; with `superseded` also those whose name another node has taken.
    public List<NodeState> list(boolean superseded) {
        return transactions.read(() -> superseded ? queries.unretired() : queries.current());
    }
}
