package io.multinic.agent.route.plan;

import io.multinic.agent.kernel.NetworkStack;
import io.multinic.agent.kernel.Route;
import io.multinic.agent.kernel.RouteFilter;
import io.multinic.agent.kernel.Rule;
import io.multinic.contract.address.IpFamily;
import java.util.ArrayList;
import java.util.List;

/// The routes and rules in the kernel that are provably ours: our protocol number, in one of our tables.
public record ObservedRoutes(List<Route> routes, List<Rule> rules) {
    /// The order is the kernel's; of routes of one destination and priority, the first is the one that it uses.
    public ObservedRoutes {
        routes = routes.stream().filter(ObservedRoutes::ours).toList();
        rules = rules.stream().filter(ObservedRoutes::ours).toList();
    }

    /// Reads them anew.
    public static ObservedRoutes read(NetworkStack stack) {
        var routes = new ArrayList<Route>();
        var rules = new ArrayList<Rule>();
        for (IpFamily family : IpFamily.values()) {
            routes.addAll(stack.routes(RouteFilter.all(family).protocol(TableNumbers.PLAN_PROTOCOL)));
            rules.addAll(stack.rules(family));
        }
        return new ObservedRoutes(routes, rules);
    }

    static boolean ours(Route route) {
        return route.protocol() == TableNumbers.PLAN_PROTOCOL && TableNumbers.ours(route.table());
    }

    static boolean ours(Rule rule) {
        return rule.protocol() == TableNumbers.PLAN_PROTOCOL && TableNumbers.ours(rule.table());
    }
}
