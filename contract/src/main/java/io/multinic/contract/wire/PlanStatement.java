package io.multinic.contract.wire;

import java.util.List;

/// Statement of an agent about the plan that it follows, with its own blocks in it.
///
/// `history` and `revision` are those of the plan; without a plan they are empty and 0, and `history` is empty for a
/// plan that an older agent stored without it. `blocks` includes those of NICs that are absent now. If `history` is
/// that of the database, the database takes precedence; otherwise it may have lost the blocks stated here.
public record PlanStatement(String history, long revision, List<StatedBlock> blocks) {
    public PlanStatement {
        blocks = List.copyOf(blocks);
    }
}
