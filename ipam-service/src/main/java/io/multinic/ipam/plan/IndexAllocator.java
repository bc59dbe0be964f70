package io.multinic.ipam.plan;

import java.util.HashSet;
import java.util.OptionalInt;
import java.util.Set;

/// Gives out the lowest index below `count` that is neither taken, unusable nor full. One that was given out
/// before may be kept though it is full by now.
///
/// Within one plan indexes are only taken, so the search never has to go back: all takes together are linear.
final class IndexAllocator {
    private final int count;
    private final IndexRanges unusable;
    private final IndexRanges unusableOrFull;
    private final IndexRanges notFree;
    private final Set<Integer> taken = new HashSet<>();
    private long cursor;

    /// @param given to whomever; who has one of them already may keep it
    IndexAllocator(int count, IndexRanges unusable, IndexRanges full, IndexRanges given) {
        this.count = count;
        this.unusable = unusable;
        this.unusableOrFull = unusable.and(full);
        this.notFree = unusableOrFull.and(given);
    }

    /// Takes an index that was given out before, if it may still be used.
    boolean keep(int index) {
        return index < count && !unusable.contain(index) && taken.add(index);
    }

    /// How many indexes are taken or may be.
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
