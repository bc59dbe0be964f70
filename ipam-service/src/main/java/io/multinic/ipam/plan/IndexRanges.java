package io.multinic.ipam.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Set of indexes as ranges: an IPv6 exclude may cover billions of indexes.
public final class IndexRanges {
    static final IndexRanges NONE = new IndexRanges(List.of());

    /// Indexes from `first` to `last`, both included.
    public record Range(long first, long last) {}

    private final TreeMap<Long, Long> lastByFirst = new TreeMap<>();

    /// Creates the union of the ranges; they may overlap and come in any order.
    public IndexRanges(List<Range> ranges) {
        var sorted = new ArrayList<>(ranges);
        sorted.sort(Comparator.comparingLong(Range::first));
        for (Range range : sorted) {
            Map.Entry<Long, Long> below = lastByFirst.floorEntry(range.first());
            if (below != null && below.getValue() >= range.first() - 1) {
                lastByFirst.put(below.getKey(), Math.max(below.getValue(), range.last()));
            } else {
                lastByFirst.put(range.first(), range.last());
            }
        }
    }

    /// Union of both sets.
    IndexRanges and(IndexRanges other) {
        var all = new ArrayList<Range>();
        lastByFirst.forEach((first, last) -> all.add(new Range(first, last)));
        other.lastByFirst.forEach((first, last) -> all.add(new Range(first, last)));
        return new IndexRanges(all);
    }

    /// Number of indexes below `count` that lie in the ranges.
    long below(long count) {
        return lastByFirst.headMap(count).entrySet().stream()
                .mapToLong(range -> Math.min(range.getValue(), count - 1) - range.getKey() + 1)
                .sum();
    }

    boolean contain(long index) {
        return lastBehind(index) >= index;
    }

    /// Lowest index at or above `index` that lies in no range.
    long skip(long index) {
        long last = lastBehind(index);
        if (last < index) {
            return index;
        }
        return last == Long.MAX_VALUE ? last : last + 1;
    }

    private long lastBehind(long index) {
        Map.Entry<Long, Long> below = lastByFirst.floorEntry(index);
        return below == null ? -1 : below.getValue();
    }
}
