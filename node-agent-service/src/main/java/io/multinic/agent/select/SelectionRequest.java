package io.multinic.agent.select;

import io.multinic.contract.address.Cidr;
import java.util.List;

/// Input of a selection: the request of the pod and the candidates.
///
/// @param nics requested number; 0 for as many as the policy gives
/// @param masters NICs by name; empty if the pod names none
/// @param masterNets the network's order of NICs' networks; empty for the order of the candidates
/// @param candidates in the order of the plan
/// @param classes for the policy devClass
/// @param topology for the policy topology
public record SelectionRequest(
        String network,
        SelectionPolicy policy,
        int nics,
        List<String> masters,
        List<Cidr> masterNets,
        List<Candidate> candidates,
        DeviceClasses classes,
        Topology topology) {
    public SelectionRequest {
        masters = List.copyOf(masters);
        masterNets = List.copyOf(masterNets);
        candidates = List.copyOf(candidates);
    }
}
