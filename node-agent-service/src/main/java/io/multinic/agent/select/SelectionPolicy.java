package io.multinic.agent.select;

/// The policy of a selection, as written in the network and in the pod's request.
///
/// @param strategy `attachPolicy.strategy` of the network; empty for none
/// @param target bandwidth for costOpt and perfOpt; empty if neither network nor pod has one
/// @param deviceClass name of the DeviceClass for devClass; empty if the pod names none
/// @param allowPartial true if the pod may get fewer interfaces where NICs cannot be used
public record SelectionPolicy(String strategy, String target, String deviceClass, boolean allowPartial) {
    /// All NICs in the order of the network.
    public static final SelectionPolicy NONE = new SelectionPolicy("", "", "");

    /// A policy that selects no fewer NICs than requested.
    public SelectionPolicy(String strategy, String target, String deviceClass) {
        this(strategy, target, deviceClass, false);
    }

    /// True for strategies by which a pod reserves bandwidth on its NICs.
    public boolean reservesBandwidth() {
        return is(Strategy.COST_OPT) || is(Strategy.PERF_OPT);
    }

    /// True for the strategy that compares the places of GPUs and NICs.
    public boolean needsTopology() {
        return is(Strategy.TOPOLOGY);
    }

    private boolean is(Strategy wanted) {
        return Strategy.parse(strategy).filter(wanted::equals).isPresent();
    }
}
