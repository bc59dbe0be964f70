package io.multinic.contract.wire;

import java.util.List;

/// The agent's turn: batches carry `epoch`; a later session of the node makes it stale.
///
/// `storedThrough` is the last event of this journal that the ledger has; `restore` holds what the ledger knows to be
/// held on the node and a new journal does not know.
public record SessionGrant(long epoch, long storedThrough, List<Allocation> restore) {
    public SessionGrant {
        restore = List.copyOf(restore);
    }
}
