package io.multinic.agent.select;

import java.util.Arrays;
import java.util.List;

/// Matches GPUs with NICs so that the sum of the costs of all pairs is the least; pure.
///
/// Successive shortest augmenting paths: after each path, the matching is the cheapest of its size. GPUs and NICs are
/// given as positions in the cost matrix.
final class GpuMatching {
    private static final int NONE = -1;
    private static final long UNREACHED = Long.MAX_VALUE;

    private final long[][] costs;
    private final int[] nicOfGpu;
    private final int[] gpuOfNic;

    private GpuMatching(long[][] costs) {
        this.costs = costs;
        this.nicOfGpu = new int[costs.length];
        this.gpuOfNic = new int[costs.length == 0 ? 0 : costs[0].length];
        Arrays.fill(nicOfGpu, NONE);
        Arrays.fill(gpuOfNic, NONE);
    }

    /// The NIC of each GPU, -1 for a GPU without one.
    ///
    /// @param costs of each GPU with each NIC; the sum of a column's or row's number of costs fits into a long
    /// @param pairs the number of pairs, at most the number of GPUs and of NICs
    static List<Integer> of(long[][] costs, int pairs) {
        var matching = new GpuMatching(costs);
        for (int i = 0; i < pairs; i++) {
            matching.augment();
        }
        return Arrays.stream(matching.nicOfGpu).boxed().toList();
    }

    /// Adds one pair along the cheapest path from a GPU without NIC to a NIC without GPU; pairs on the path change.
    private void augment() {
        long[] costOfNic = new long[gpuOfNic.length];
        int[] gpuBefore = new int[gpuOfNic.length];
        Arrays.fill(costOfNic, UNREACHED);
        for (boolean changed = true; changed; ) {
            changed = false;
            for (int gpu = 0; gpu < costs.length; gpu++) {
                long toGpu = costTo(gpu, costOfNic);
                for (int nic = 0; toGpu != UNREACHED && nic < gpuOfNic.length; nic++) {
                    if (gpuOfNic[nic] != gpu && toGpu + costs[gpu][nic] < costOfNic[nic]) {
                        costOfNic[nic] = toGpu + costs[gpu][nic];
                        gpuBefore[nic] = gpu;
                        changed = true;
                    }
                }
            }
        }
        int end = NONE;
        for (int nic = 0; nic < gpuOfNic.length; nic++) {
            if (gpuOfNic[nic] == NONE && (end == NONE || costOfNic[nic] < costOfNic[end])) {
                end = nic;
            }
        }
        for (int nic = end; nic != NONE; ) {
            int gpu = gpuBefore[nic];
            int before = nicOfGpu[gpu];
            nicOfGpu[gpu] = nic;
            gpuOfNic[nic] = gpu;
            nic = before;
        }
    }

    /// The cost of the path that ends at a GPU: a matched one gives its NIC up.
    private long costTo(int gpu, long[] costOfNic) {
        int nic = nicOfGpu[gpu];
        if (nic == NONE) {
            return 0;
        }
        return costOfNic[nic] == UNREACHED ? UNREACHED : costOfNic[nic] - costs[gpu][nic];
    }
}
