package io.multinic.contract.wire;

import java.util.List;

/// Which plan an agent goes by, and the blocks that are its own in it.
///
/// `history` and `revision` came with that plan; both are empty, or 0, for an agent that knows none, and
/// `history` is empty for a plan that was kept on disk without it. `blocks` has those of NICs that are
/// absent now as well. In the history that the revision is of, the database knows better; in any other one
/// it may have lost what is stated here.
public record PlanStatement(String history, long revision, List<StatedBlock> blocks) {
    public PlanStatement {
        blocks = List.copyOf(blocks);
    }
}
