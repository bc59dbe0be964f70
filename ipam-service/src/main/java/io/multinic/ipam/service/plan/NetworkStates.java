package io.multinic.ipam.service.plan;

import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.NetworkState;
import io.multinic.contract.wire.NetworkUsage;
import io.multinic.contract.wire.NodeBlock;
import io.multinic.contract.wire.Page;
import io.multinic.ipam.service.LookupErrors;
import io.multinic.ipam.service.Pages;
import io.multinic.ipam.store.NetworkRecord;
import io.multinic.ipam.store.Transactions;
import io.multinic.ipam.store.plan.NetworkStore;
import io.multinic.ipam.store.plan.PlanQueries;
import io.multinic.ipam.store.usage.UsageCursor;
import io.multinic.ipam.store.usage.UsageQueries;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Queries of networks: definition, interfaces, blocks, unplaced NICs, and usage.
public final class NetworkStates {
    private static final int MAX_UNPLACED = 1_000;

    private final Transactions transactions;
    private final NetworkStore networks;
    private final PlanQueries queries;
    private final UsageQueries usages;

    public NetworkStates(Transactions transactions, NetworkStore networks, PlanQueries queries, UsageQueries usages) {
        this.transactions = transactions;
        this.networks = networks;
        this.queries = queries;
        this.usages = usages;
    }

    /// @throws MultiNicException NETWORK_UNKNOWN
    public NetworkState get(String name) {
        return transactions.read(() -> state(name));
    }

    public List<NetworkState> list() {
        return transactions.read(() -> queries.states(networks.findAll(), MAX_UNPLACED));
    }

    /// @param cursor `next` of the previous page; empty for the first one
    public Page<NodeBlock> blocks(String name, int limit, String cursor) {
        return transactions.read(() -> Pages.of(
                queries.blocks(require(name), cursor, limit + 1),
                limit,
                last -> last.block().podBlock().toString()));
    }

    /// Address usage of the network.
    ///
    /// @param after position of the last host of the previous page; null for the first page
    /// @throws MultiNicException NETWORK_UNKNOWN
    public NetworkUsage usage(String name, int limit, @Nullable UsageCursor after) {
        return transactions.read(() -> usages.usage(require(name), limit, after));
    }

    /// Runs within the caller's transaction.
    ///
    /// @throws MultiNicException NETWORK_UNKNOWN
    NetworkState state(String name) {
        return queries.states(List.of(require(name)), MAX_UNPLACED).getFirst();
    }

    private NetworkRecord require(String name) {
        return networks.find(name).orElseThrow(() -> LookupErrors.networkUnknown(name));
    }
}
