package io.multinic.ipam.ledger;

import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.LedgerEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// Comparison of the allocations that a node reports as live with those that are open in the ledger.
public final class LiveAllocations {
    private record Holder(String network, Object address, String containerId, String ifName, String podInterface) {
        static Holder of(Allocation allocation) {
            return new Holder(
                    allocation.network(),
                    allocation.address(),
                    allocation.containerId(),
                    allocation.ifName(),
                    allocation.podInterface());
        }
    }

    private LiveAllocations() {}

    /// Allocations that are open in the ledger and missing from the report.
    public static List<Allocation> missing(List<Allocation> open, List<Allocation> live) {
        return without(open, live);
    }

    /// Events that bring the ledger in line with the report, with the present time.
    ///
    /// @param claimed unresolved claims of the node; they may have been freed as well
    public static List<LedgerEvent> asEvents(
            List<Allocation> claimed, List<Allocation> open, List<Allocation> live, Instant now) {
        var events = new ArrayList<LedgerEvent>();
        // Claims first: otherwise one of them would be promoted to an address that the same node frees.
        Stream.of(claimed, open)
                .flatMap(known -> without(known, live).stream())
                .forEach(allocation -> events.add(new LedgerEvent(0, LedgerEvent.Type.FREED, now, allocation)));
        without(live, open)
                .forEach(allocation -> events.add(new LedgerEvent(0, LedgerEvent.Type.ALLOCATED, now, allocation)));
        return events;
    }

    private static List<Allocation> without(List<Allocation> all, List<Allocation> others) {
        Set<Holder> known = new HashSet<>();
        others.forEach(allocation -> known.add(Holder.of(allocation)));
        return all.stream()
                .filter(allocation -> !known.contains(Holder.of(allocation)))
                .toList();
    }
}
