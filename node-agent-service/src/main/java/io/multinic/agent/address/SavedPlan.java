package io.multinic.agent.address;

import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.StatedBlock;
import java.util.List;

/// The last plan as the journal keeps it: with the history of its revision, empty for one that an earlier
/// agent kept, and the blocks of NICs that are gone for now.
public record SavedPlan(NodePlan plan, String history, List<StatedBlock> absent) {
    public SavedPlan {
        absent = List.copyOf(absent);
    }
}
