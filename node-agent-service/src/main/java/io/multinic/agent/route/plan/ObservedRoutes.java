package io.multinic.agent.route.plan;

import io.multinic.agent.kernel.Route;
import io.multinic.agent.kernel.Rule;
import java.util.AbstractCollection;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The routes and rules in the kernel that the agent owns: with its protocol number, in one of its tables.
///
/// The routes of a table are in the order of the kernel; of routes with one destination and priority, the kernel uses
/// the first.
public final class ObservedRoutes {
    private final Map<Integer, RouteSet> tables = new HashMap<>();
    private final List<Rule> rules;

    public ObservedRoutes(Collection<Route> routes, List<Rule> rules) {
        var tablesOf = routes instanceof Collector collector ? collector : new Collector(routes);
        tablesOf.tables.forEach((table, array) -> tables.put(table, new RouteSet(array)));
        this.rules = rules.stream().filter(ObservedRoutes::ours).toList();
    }

    /// Collects routes while the kernel lists them; others than the agent's are dropped.
    public static final class Collector extends AbstractCollection<Route> {
        private final Map<Integer, RouteArray> tables = new HashMap<>();

        public Collector() {}

        private Collector(Collection<Route> routes) {
            routes.forEach(this::add);
        }

        @Override
        public boolean add(Route route) {
            return ours(route)
                    && tables.computeIfAbsent(route.table(), RouteArray::new).add(route);
        }

        /// Adds the tables of another collector, which must not be used afterwards.
        public void addTables(Collector other) {
            other.tables.forEach((table, routes) -> {
                RouteArray present = tables.putIfAbsent(table, routes);
                if (present != null) {
                    present.addAll(routes);
                }
            });
        }

        @Override
        public Iterator<Route> iterator() {
            return tables.values().stream().flatMap(List::stream).iterator();
        }

        @Override
        public int size() {
            return tables.values().stream().mapToInt(List::size).sum();
        }
    }

    /// The routes of a table; null if there are none.
    @Nullable
    RouteSet routes(int table) {
        return tables.get(table);
    }

    Map<Integer, RouteSet> tables() {
        return Collections.unmodifiableMap(tables);
    }

    public List<Rule> rules() {
        return rules;
    }

    static boolean ours(Route route) {
        return route.protocol() == TableNumbers.PLAN_PROTOCOL && TableNumbers.ours(route.table());
    }

    static boolean ours(Rule rule) {
        return rule.protocol() == TableNumbers.PLAN_PROTOCOL && TableNumbers.ours(rule.table());
    }
}
