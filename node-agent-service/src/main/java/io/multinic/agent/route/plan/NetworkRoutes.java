package io.multinic.agent.route.plan;

import io.multinic.agent.kernel.Route;
import io.multinic.agent.kernel.Rule;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// What the kernel shall hold of one network, and what cannot be asked of it and why.
///
/// Rules and routes carry [TableNumbers#PLAN_PROTOCOL] and the network's own table; no two routes have the same
/// destination and priority.
///
/// @param blocks how many blocks this node has in the network
/// @param unroutable peers that should be reached but have no way now; each has its part in `problems`
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
        routes = Collections.unmodifiableSet(new LinkedHashSet<>(routes));
        problems = List.copyOf(problems);
    }

    public int routesWanted() {
        return routes.size() + unroutable;
    }
}
