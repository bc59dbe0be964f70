package io.multinic.agent.route.plan;

import io.multinic.agent.kernel.Route;
import io.multinic.agent.kernel.Rule;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Desired routes and rules of one network, and the problems that prevent further routes.
///
/// Rules and routes carry [TableNumbers#PLAN_PROTOCOL] and the network's own table; no two routes have the same
/// destination and priority.
///
/// @param blocks number of blocks that this node has in the network
/// @param unroutable number of blocks of peers that should be reachable and have no route; `problems` has the reasons
public record NetworkRoutes(
        String network,
        int blocks,
        int table,
        Set<Rule> rules,
        Set<Route> routes,
        int unroutable,
        List<String> problems) {
    public NetworkRoutes {
        rules = Collections.unmodifiableSet(new LinkedHashSet<>(rules));
        routes = RouteSet.copyOf(table, routes);
        problems = List.copyOf(problems);
    }

    RouteSet routeSet() {
        return (RouteSet) routes;
    }

    public int routesWanted() {
        return routes.size() + unroutable;
    }
}
