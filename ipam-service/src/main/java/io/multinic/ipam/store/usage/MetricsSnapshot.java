package io.multinic.ipam.store.usage;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/// Figures of the cluster at one time.
///
/// @param at time of the query
/// @param usage by network and interface
/// @param hosts also by host; empty unless requested
/// @param openConflicts by kind; a kind without one is absent
/// @param lag of the ledger behind the nodes
/// @param planLag of the nodes behind their plans
public record MetricsSnapshot(
        Instant at, List<Usage> usage, List<Usage> hosts, Map<String, Long> openConflicts, Lag lag, PlanLag planLag) {
    public MetricsSnapshot {
        usage = List.copyOf(usage);
        hosts = List.copyOf(hosts);
        openConflicts = Map.copyOf(openConflicts);
    }

    /// Addresses in the blocks of one interface of a network, or of one host in it.
    ///
    /// @param node empty for all hosts
    /// @param family 4 or 6
    public record Usage(String network, int interfaceIndex, String node, int family, BigDecimal capacity, long held) {}

    /// @param maxSeconds of the node that is furthest behind; a node that never reported is behind since its
    ///     session began
    /// @param nodes number of nodes beyond the limit
    public record Lag(double maxSeconds, long nodes) {}

    /// @param nodes number of nodes whose agents use another revision than that of their plan
    /// @param maxRevisions largest difference of revisions
    public record PlanLag(long nodes, long maxRevisions) {}
}
