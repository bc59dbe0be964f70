package io.multinic.ipam.store.usage;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/// What the database says of the cluster at one moment, in numbers.
///
/// @param at when
/// @param usage by network and interface
/// @param hosts by host too; empty unless asked for
/// @param openConflicts by kind; a kind without one is absent
/// @param lag how far the ledger is behind the nodes
/// @param planLag how far the nodes are behind their plans
public record MetricsSnapshot(
        Instant at, List<Usage> usage, List<Usage> hosts, Map<String, Long> openConflicts, Lag lag, PlanLag planLag) {
    public MetricsSnapshot {
        usage = List.copyOf(usage);
        hosts = List.copyOf(hosts);
        openConflicts = Map.copyOf(openConflicts);
    }

    /// Addresses in the blocks of one interface of a network, or of one host in it.
    ///
    /// @param node empty: of all hosts
    /// @param family 4 or 6
    public record Usage(String network, int interfaceIndex, String node, int family, BigDecimal capacity, long held) {}

    /// @param maxSeconds of the node that is furthest behind; a node that never reported is behind since its session
    /// began
    /// @param nodes how many are further behind than they should be
    public record Lag(double maxSeconds, long nodes) {}

    /// @param nodes how many go by another plan than theirs
    /// @param maxRevisions by how many changes of any plan the furthest is behind
    public record PlanLag(long nodes, long maxRevisions) {}
}
