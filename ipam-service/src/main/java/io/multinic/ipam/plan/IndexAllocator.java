package io.multinic.ipam.plan;

import java.util.HashSet;
import java.util.OptionalInt;
import java.util.Set;

/// Allocator of the lowest index below `count` that is neither taken, unusable nor full. An index that was assigned
/// before may be kept although it is full by now.
///
/// Within one plan indexes are only taken, never returned, so all allocations together take linear time.
final class IndexAllocator {
    private final int count;
    private final IndexRanges unusable;
    private final IndexRanges unusableOrFull;
    private final IndexRanges notFree;
    private final Set<Integer> taken = new HashSet<>();
    private long cursor;

    /// @param given indexes that are assigned to any host; a host may keep its own
    IndexAllocator(int count, IndexRanges unusable, IndexRanges full, IndexRanges given) {
        this.count = count;
        this.unusable = unusable;
        this.unusableOrFull = unusable.and(full);
        this.notFree = unusableOrFull.and(given);
    }

    /// Takes an index that was assigned before, if it is still usable.
    boolean keep(int index) {
        return index < count && !unusable.contain(index) && taken.add(index);
    }

    /// Number of indexes that are taken or can be taken.
    long size() {
        long full = taken.stream().filter(unusableOrFull::contain).count();
        return count - unusableOrFull.below(count) + full;
    }

    OptionalInt takeLowest() {
        while (cursor < count) {
            long usable = notFree.skip(cursor);
            if (usable >= count) {
                break;
            }
            cursor = usable + 1;
            if (taken.add((int) usable)) {
                return OptionalInt.of((int) usable);
            }
        }
        return OptionalInt.empty();
    }
}
