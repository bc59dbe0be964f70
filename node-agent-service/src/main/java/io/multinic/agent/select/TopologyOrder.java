package io.multinic.agent.select;

import java.util.ArrayList;
import java.util.List;

/// Selects a NIC for each GPU of a pod, near to it; pure.
///
/// GPUs and NICs are matched so that as few NICs as possible are unusable or without link, and then the sum of the
/// distances is the least. Ties are decided by speed, then by the number of attachments, then by the order of the NICs.
/// The i-th NIC belongs to the i-th GPU. Where more NICs than GPUs are requested, the rest is matched again, until
/// there
/// are enough.
final class TopologyOrder {
    private static final int ORDER_BITS = 16;
    private static final int USE_BITS = 16;
    private static final int SPEED_BITS = 12;
    private static final int DISTANCE_BITS = 9;

    /// Sums of costs of this many pairs do not overflow into the more important part.
    private static final int MOST_NICS = 64;

    private final List<Candidate> candidates;
    private final Topology topology;

    private TopologyOrder(List<Candidate> candidates, Topology topology) {
        this.candidates = candidates;
        this.topology = topology;
    }

    /// @param wanted at most the number of candidates
    static List<Candidate> select(List<Candidate> candidates, Topology topology, int wanted) {
        List<Candidate> left = new ArrayList<>(candidates);
        List<Candidate> selected = new ArrayList<>();
        while (selected.size() < wanted) {
            int pairs =
                    Math.min(Math.min(wanted - selected.size(), topology.gpus().size()), left.size());
            var matched = new TopologyOrder(left, topology).match(pairs);
            selected.addAll(matched);
            left.removeAll(matched);
        }
        return selected;
    }

    private List<Candidate> match(int pairs) {
        var costs = new long[topology.gpus().size()][candidates.size()];
        for (int gpu = 0; gpu < costs.length; gpu++) {
            for (int nic = 0; nic < candidates.size(); nic++) {
                costs[gpu][nic] = cost(topology.gpus().get(gpu), nic);
            }
        }
        return GpuMatching.of(costs, pairs).stream()
                .filter(nic -> nic >= 0)
                .map(candidates::get)
                .toList();
    }

    private long cost(PciDevice gpu, int position) {
        Candidate nic = candidates.get(position);
        long cost = nic.usable() ? 0 : 2;
        cost += nic.linkUp() ? 0 : 1;
        cost = cost << DISTANCE_BITS | topology.distance(gpu, nic.nic()).cost();
        cost = cost << SPEED_BITS | fasterNics(nic);
        cost = cost << USE_BITS | limited(nic.hardware().use().attachments());
        return cost << ORDER_BITS | limited(position);
    }

    private long fasterNics(Candidate nic) {
        return limited((int) candidates.stream()
                .filter(other -> other.hardware().speedMbps() > nic.hardware().speedMbps())
                .count());
    }

    private static int limited(int value) {
        return Math.min(value, MOST_NICS - 1);
    }
}
