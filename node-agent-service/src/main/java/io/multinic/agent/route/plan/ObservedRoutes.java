package io.multinic.agent.route.plan;

import io.multinic.agent.kernel.Route;
import io.multinic.agent.kernel.Rule;
import java.util.List;

/// The routes and rules in the kernel that the agent owns: with its protocol number, in one of its tables.
///
/// @param routes in the order of the kernel; of routes with one destination and priority, the kernel uses the first
public record ObservedRoutes(List<Route> routes, List<Rule> rules) {
    public ObservedRoutes {
        routes = routes.stream().filter(ObservedRoutes::ours).toList();
        rules = rules.stream().filter(ObservedRoutes::ours).toList();
    }

    static boolean ours(Route route) {
        return route.protocol() == TableNumbers.PLAN_PROTOCOL && TableNumbers.ours(route.table());
    }

    static boolean ours(Rule rule) {
        return rule.protocol() == TableNumbers.PLAN_PROTOCOL && TableNumbers.ours(rule.table());
    }
}
