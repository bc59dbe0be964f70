package io.multinic.agent.route.plan;

import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.Route;
import io.multinic.agent.kernel.Rule;
import io.multinic.contract.address.Cidr;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
        leftovers = List.copyOf(leftovers);
    }

    public static RouteDiff between(HostRoutesPlan wanted, ObservedRoutes observed) {
        var routes = observed.routes().stream().collect(Collectors.groupingBy(Route::table));
        var rules = observed.rules().stream().collect(Collectors.groupingBy(Rule::table));
        var networks = new LinkedHashMap<String, List<Change>>();
        for (NetworkRoutes network : wanted.networks()) {
            List<Route> presentRoutes = removed(routes, network.table());
            List<Rule> presentRules = removed(rules, network.table());
            List<Change> changes = changes(network, presentRoutes, presentRules);
            if (!changes.isEmpty()) {
                networks.put(network.network(), changes);
            }
        }
        var leftovers = new ArrayList<Change>();
        rules.values().forEach(gone -> gone.forEach(rule -> leftovers.add(new Change.DeleteRule(rule))));
        routes.values().forEach(gone -> gone.forEach(route -> leftovers.add(new Change.DeleteRoute(route))));
        return new RouteDiff(networks, leftovers);
    }

    public boolean isEmpty() {
        return networks.isEmpty() && leftovers.isEmpty();
    }

    private static <T> List<T> removed(Map<Integer, List<T>> byTable, int table) {
        List<T> present = byTable.remove(table);
        return present == null ? List.of() : present;
    }

    private static List<Change> changes(NetworkRoutes wanted, List<Route> routes, List<Rule> rules) {
        var adds = new ArrayList<Change>();
        var deletes = new ArrayList<Change>();
        diffRoutes(wanted, routes, adds, deletes);
        diffRules(wanted, rules, adds, deletes);
        adds.addAll(deletes);
        return adds;
    }

    /// The kernel's own key of a route within a table.
    private record Key(Cidr destination, int priority) {
        static Key of(Route route) {
            return new Key(route.destination(), route.priority());
        }
    }

    private static void diffRoutes(NetworkRoutes wanted, List<Route> present, List<Change> adds, List<Change> deletes) {
        var unused = new HashMap<Key, List<Route>>();
        present.forEach(route ->
                unused.computeIfAbsent(Key.of(route), _ -> new ArrayList<>(1)).add(route));
        for (Route route : wanted.routes()) {
            List<Route> same = unused.get(Key.of(route));
            if (same == null) {
                adds.add(new Change.AddRoute(route));
            } else if (!same.remove(route)) {
                adds.add(new Change.ReplaceRoute(route));
                same.removeFirst();
            }
        }
        // The rest is unwanted: routes of other destinations, and duplicates of wanted ones.
        for (Route route : present) {
            if (unused.getOrDefault(Key.of(route), List.of()).remove(route)) {
                deletes.add(new Change.DeleteRoute(route));
            }
        }
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
