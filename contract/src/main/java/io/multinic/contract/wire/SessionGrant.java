package io.multinic.contract.wire;

import java.util.List;

/// Opened session of an agent: its batches carry `epoch`, and a later session of the node makes it stale.
///
/// `storedThrough` is the last event of this journal in the ledger; `restore` lists the addresses that the ledger shows
/// as held on the node and that a new journal does not have.
public record SessionGrant(long epoch, long storedThrough, List<Allocation> restore) {
    public SessionGrant {
        restore = List.copyOf(restore);
    }
}
