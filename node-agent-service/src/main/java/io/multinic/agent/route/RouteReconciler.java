package io.multinic.agent.route;

import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.InterfaceAddress;
import io.multinic.agent.kernel.KernelEvent;
import io.multinic.agent.kernel.Link;
import io.multinic.agent.kernel.NetworkStack;
import io.multinic.agent.kernel.Outcome;
import io.multinic.agent.kernel.RouteFilter;
import io.multinic.agent.kernel.Rule;
import io.multinic.agent.nic.NodeNic;
import io.multinic.agent.nic.NodeNics;
import io.multinic.agent.plan.CurrentPlan;
import io.multinic.agent.route.plan.HostRoutesPlan;
import io.multinic.agent.route.plan.HostRoutesState;
import io.multinic.agent.route.plan.HostRoutesState.NetworkState;
import io.multinic.agent.route.plan.LocalNic;
import io.multinic.agent.route.plan.ObservedRoutes;
import io.multinic.agent.route.plan.RouteDiff;
import io.multinic.agent.route.plan.TableNumbers;
import io.multinic.contract.address.IpFamily;
import io.multinic.contract.wire.NodePlan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reconciles the host routes and rules of this node with its plan: observes, applies the difference, observes again.
///
/// Only objects that the agent owns are changed. Without a plan nothing is changed: routes of an earlier run stay.
public final class RouteReconciler {
    private static final Logger log = LoggerFactory.getLogger(RouteReconciler.class);

    /// Limit of passes in one run, for the case that another program undoes the changes; the next event starts
    /// another run.
    private static final int PASSES = 2;

    /// Number of changes that are in memory at the same time, of a list that can have tens of thousands.
    private static final int CHUNK = 1_024;

    /// Limit of failures that are kept for the report.
    private static final int FAILURES = 16;

    private final String node;
    private final NetworkStack stack;
    private final CurrentPlan plans;
    private final NodeNics nics;
    private final RouteTableNames names;
    private final List<Consumer<HostRoutesState>> listeners = new CopyOnWriteArrayList<>();
    private final Map<Integer, Boolean> linksUp = new ConcurrentHashMap<>();
    private volatile @Nullable HostRoutesPlan wanted;
    private volatile @Nullable HostRoutesState state;

    /// @param stack of the node's own namespace
    public RouteReconciler(String node, NetworkStack stack, CurrentPlan plans, NodeNics nics, RouteTableNames names) {
        this.node = node;
        this.stack = stack;
        this.plans = plans;
        this.nics = nics;
        this.names = names;
    }

    /// Adds a listener that is called after a run whose state differs from the one before. The listener must not
    /// block.
    public void onChange(Consumer<HostRoutesState> listener) {
        listeners.add(listener);
    }

    /// The state after the last run; empty before the first.
    public Optional<HostRoutesState> state() {
        return Optional.ofNullable(state);
    }

    /// True if an event of the kernel requires a run. Cheap: called for every event of the node.
    ///
    /// The kernel removes the IPv4 routes of a link that goes down without an event, so a change of the link's
    /// state requires a run too.
    public boolean concerns(KernelEvent event) {
        return switch (event) {
            case KernelEvent.LinkChanged(Link link) -> {
                Boolean was = linksUp.replace(link.index(), link.up());
                yield was != null && was != link.up();
            }
            case KernelEvent.LinkRemoved(Link link) -> linksUp.containsKey(link.index());
            case KernelEvent.AddressChanged(InterfaceAddress address) -> linksUp.containsKey(address.linkIndex());
            case KernelEvent.AddressRemoved(InterfaceAddress address) -> linksUp.containsKey(address.linkIndex());
            case KernelEvent.RouteChanged _, KernelEvent.RouteRemoved _ -> contradicts(event);
            case KernelEvent.RuleAdded _, KernelEvent.RuleRemoved _ -> contradicts(event);
            case KernelEvent.Overrun() -> true;
        };
    }

    private boolean contradicts(KernelEvent event) {
        HostRoutesPlan plan = wanted;
        return plan != null && plan.contradicts(event);
    }

    /// One run; empty without a plan.
    public Optional<HostRoutesState> reconcile() {
        return plans.plan().map(this::reconcile);
    }

    private HostRoutesState reconcile(NodePlan plan) {
        HostRoutesPlan target = HostRoutesPlan.wanted(plan, usableNics());
        // Set before the changes, so that their events are recognised.
        wanted = target;
        var outcomes = new HashMap<String, List<Outcome>>();
        Optional<ObservedRoutes> unchanged = Optional.empty();
        for (int pass = 0; pass < PASSES && unchanged.isEmpty() && !refused(outcomes); pass++) {
            unchanged = approach(target, outcomes);
        }
        ObservedRoutes observed = unchanged.orElseGet(this::observe);
        names.write(target);
        HostRoutesState reached = HostRoutesState.of(node, target, observed, outcomes);
        publish(reached);
        return reached;
    }

    /// Applies the difference to the plan. A method of its own, so that the observed routes are garbage before the next
    /// ones are read.
    ///
    /// @return what was observed if there is no difference
    private Optional<ObservedRoutes> approach(HostRoutesPlan target, Map<String, List<Outcome>> outcomes) {
        ObservedRoutes observed = observe();
        RouteDiff diff = RouteDiff.between(target, observed);
        if (diff.isEmpty()) {
            return Optional.of(observed);
        }
        apply(diff, outcomes);
        return Optional.empty();
    }

    private static boolean refused(Map<String, List<Outcome>> outcomes) {
        return outcomes.values().stream().flatMap(List::stream).anyMatch(outcome -> !outcome.done());
    }

    /// Removes all routes and rules of the plan, when the agent is removed from its node.
    public void withdraw() {
        var nothing = new HostRoutesPlan(0, List.of());
        wanted = nothing;
        RouteDiff diff = RouteDiff.between(nothing, observe());
        if (!diff.isEmpty()) {
            attempt("", diff.leftovers());
        }
    }

    private ObservedRoutes observe() {
        var routes = new ObservedRoutes.Collector();
        var rules = new ArrayList<Rule>();
        for (IpFamily family : IpFamily.values()) {
            var filter = RouteFilter.all(family).protocol(TableNumbers.PLAN_PROTOCOL);
            routes.addTables(stack.routes(filter, ObservedRoutes.Collector::new));
            rules.addAll(stack.rules(family));
        }
        return new ObservedRoutes(routes, rules);
    }

    private List<LocalNic> usableNics() {
        List<Link> links = stack.links();
        List<NodeNic> found = nics.nics();
        Set<String> names = found.stream().map(NodeNic::name).collect(Collectors.toSet());
        Map<Integer, Boolean> states = links.stream()
                .filter(link -> names.contains(link.name()))
                .collect(Collectors.toMap(Link::index, Link::up));
        linksUp.keySet().retainAll(states.keySet());
        linksUp.putAll(states);
        return LocalNic.usable(found, links);
    }

    /// Applies the changes of each network separately: a refused change affects only its network.
    private void apply(RouteDiff diff, Map<String, List<Outcome>> outcomes) {
        diff.networks().forEach((network, changes) -> outcomes.put(network, attempt(network, changes)));
        if (!diff.leftovers().isEmpty()) {
            attempt("", diff.leftovers());
        }
    }

    /// @return the first refused changes
    private List<Outcome> attempt(String network, List<Change> changes) {
        var failures = new ArrayList<Outcome>();
        int refused = 0;
        for (int from = 0; from < changes.size(); from += CHUNK) {
            List<Change> chunk = changes.subList(from, Math.min(from + CHUNK, changes.size()));
            for (Outcome outcome : stack.attempt(chunk)) {
                if (!outcome.done()) {
                    refused++;
                    if (failures.size() < FAILURES) {
                        failures.add(outcome);
                    }
                }
            }
        }
        log.atInfo()
                .addKeyValue("network", network)
                .addKeyValue("changes", changes.size())
                .addKeyValue("refused", refused)
                .log(network.isEmpty() ? "routes of deleted networks removed" : "routes changed");
        return failures;
    }

    private void publish(HostRoutesState reached) {
        HostRoutesState before = state;
        state = reached;
        if (reached.equals(before)) {
            return;
        }
        for (NetworkState network : reached.networks()) {
            if (!network.complete() && (before == null || !before.networks().contains(network))) {
                log.atWarn()
                        .addKeyValue("network", network.network())
                        .addKeyValue("present", network.routesPresent())
                        .addKeyValue("wanted", network.routesWanted())
                        .addKeyValue("reason", network.message())
                        .log("routes incomplete");
            }
        }
        listeners.forEach(listener -> listener.accept(reached));
    }
}
