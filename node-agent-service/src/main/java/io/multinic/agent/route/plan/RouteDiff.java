package io.multinic.agent.route.plan;

import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.Rule;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/// Changes that lead from the observed routes and rules to the desired ones.
///
/// Adds come before deletes, and a route to another gateway is replaced in one step, so that pods lose no packet. Only
/// objects of [ObservedRoutes] are replaced or deleted.
///
/// @param networks in the plan's order, each with its changes in order; networks without changes are omitted
/// @param leftovers deletes in tables that no network of the plan has
public record RouteDiff(SequencedMap<String, List<Change>> networks, List<Change> leftovers) {
    public RouteDiff {
        networks = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(networks));
        leftovers = Collections.unmodifiableList(leftovers);
    }

    public static RouteDiff between(HostRoutesPlan wanted, ObservedRoutes observed) {
        var tables = new LinkedHashMap<>(observed.tables());
        var rules = observed.rules().stream().collect(Collectors.groupingBy(Rule::table));
        var networks = new LinkedHashMap<String, List<Change>>();
        for (NetworkRoutes network : wanted.networks()) {
            RouteSet presentRoutes = tables.remove(network.table());
            List<Rule> presentRules = rules.remove(network.table());
            List<Change> changes = changes(
                    network,
                    presentRoutes == null ? RouteSet.copyOf(network.table(), List.of()) : presentRoutes,
                    presentRules == null ? List.of() : presentRules);
            if (!changes.isEmpty()) {
                networks.put(network.network(), changes);
            }
        }
        var leftovers = new ArrayList<List<? extends Change>>();
        rules.values()
                .forEach(gone ->
                        leftovers.add(gone.stream().map(Change.DeleteRule::new).toList()));
        tables.values().forEach(gone -> leftovers.add(RouteChanges.deleteAll(gone.array())));
        return new RouteDiff(networks, RouteChanges.concat(leftovers));
    }

    public boolean isEmpty() {
        return networks.isEmpty() && leftovers.isEmpty();
    }

    private static List<Change> changes(NetworkRoutes wanted, RouteSet routes, List<Rule> rules) {
        RouteSet target = wanted.routeSet();
        var adds = new RouteChanges(target.array(), routes.array());
        var deletes = new RouteChanges(target.array(), routes.array());
        diffRoutes(target, routes, adds, deletes);
        var ruleAdds = new ArrayList<Change>();
        var ruleDeletes = new ArrayList<Change>();
        diffRules(wanted, rules, ruleAdds, ruleDeletes);
        return RouteChanges.concat(List.of(adds, ruleAdds, deletes, ruleDeletes));
    }

    /// A wanted route uses up one observed route of its key: the equal one, or else the first, which it replaces. The
    /// rest is unwanted: routes of other destinations, and duplicates of wanted ones.
    private static void diffRoutes(RouteSet wanted, RouteSet present, RouteChanges adds, RouteChanges deletes) {
        RouteArray target = wanted.array();
        RouteArray observed = present.array();
        var used = new BitSet(observed.size());
        for (int i = 0; i < target.size(); i++) {
            int first = present.find(target, i);
            int match = equalRoute(target, i, present, first, used);
            if (match < 0) {
                match = firstUnused(target, i, present, first, used);
                if (match < 0) {
                    adds.add(i);
                    continue;
                }
                adds.replace(i);
            }
            used.set(match);
        }
        for (int i = 0; i < observed.size(); i++) {
            if (!used.get(i)) {
                deletes.delete(i);
            }
        }
    }

    private static int equalRoute(RouteArray target, int index, RouteSet present, int first, BitSet used) {
        int[] order = present.order();
        for (int at = first; at < order.length && hasKey(present, order[at], target, index); at++) {
            if (!used.get(order[at]) && present.array().get(order[at]).equals(target.get(index))) {
                return order[at];
            }
        }
        return -1;
    }

    private static int firstUnused(RouteArray target, int index, RouteSet present, int first, BitSet used) {
        int[] order = present.order();
        for (int at = first; at < order.length && hasKey(present, order[at], target, index); at++) {
            if (!used.get(order[at])) {
                return order[at];
            }
        }
        return -1;
    }

    private static boolean hasKey(RouteSet present, int observed, RouteArray target, int index) {
        return present.array().compareKeys(observed, target, index) == 0;
    }

    private static void diffRules(NetworkRoutes wanted, List<Rule> present, List<Change> adds, List<Change> deletes) {
        var missing = new HashSet<>(wanted.rules());
        for (Rule rule : present) {
            if (!missing.remove(rule)) {
                deletes.add(new Change.DeleteRule(rule));
            }
        }
        wanted.rules().stream().filter(missing::contains).forEach(rule -> adds.add(new Change.AddRule(rule)));
    }
}
