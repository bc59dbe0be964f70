package io.multinic.ipam.plan;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/// Set of excluded addresses, as the fewest disjoint blocks: two excluded halves are merged into their parent.
final class Excludes {
    private final NavigableSet<Cidr> blocks;

    Excludes(Collection<Cidr> excludes) {
        this.blocks = new TreeSet<>(merge(excludes));
    }

    Excludes with(Collection<Cidr> more) {
        var all = new ArrayList<>(blocks);
        all.addAll(more);
        return new Excludes(all);
    }

    private static Collection<Cidr> merge(Collection<Cidr> excludes) {
        var merged = new ArrayDeque<Cidr>();
        for (Cidr next : new TreeSet<>(excludes)) {
            if (!merged.isEmpty() && merged.getLast().contains(next)) {
                continue;
            }
            Cidr block = next;
            while (!merged.isEmpty() && areHalves(merged.getLast(), block)) {
                merged.removeLast();
                block = Cidr.containing(block.network(), block.prefixLength() - 1);
            }
            merged.addLast(block);
        }
        return merged;
    }

    private static boolean areHalves(Cidr lower, Cidr upper) {
        int length = upper.prefixLength();
        return length > 0
                && lower.prefixLength() == length
                && lower.family() == upper.family()
                && Cidr.containing(lower.network(), length - 1).contains(upper);
    }

    /// Returns true if all addresses of the block are excluded.
    boolean cover(Cidr block) {
        Cidr below = blocks.floor(block);
        return below != null && below.contains(block);
    }

    /// Excluded parts of a block.
    List<Cidr> within(Cidr block) {
        if (cover(block)) {
            return List.of(block);
        }
        IpAddress last = block.last();
        return List.copyOf(
                blocks.subSet(block, true, new Cidr(last, last.family().bits()), true));
    }

    /// Indexes of those parts of `base`, each `bits` longer in its prefix, that are excluded completely. Indexes
    /// beyond a long are capped at `Long.MAX_VALUE`, which no host index reaches.
    IndexRanges covered(Cidr base, int bits) {
        if (cover(base)) {
            return new IndexRanges(List.of(new IndexRanges.Range(0, Long.MAX_VALUE)));
        }
        int length = base.prefixLength() + bits;
        var ranges = new ArrayList<IndexRanges.Range>();
        for (Cidr block : within(base)) {
            if (block.prefixLength() <= length) {
                ranges.add(new IndexRanges.Range(
                        indexOf(block.first(), base, length), indexOf(block.last(), base, length)));
            }
        }
        return new IndexRanges(ranges);
    }

    /// Indexes of those parts of `base`, each `bits` longer in its prefix, that overlap one of the blocks.
    static IndexRanges touched(Collection<Cidr> blocks, Cidr base, int bits) {
        int length = base.prefixLength() + bits;
        var ranges = new ArrayList<IndexRanges.Range>();
        for (Cidr block : blocks) {
            if (block.contains(base)) {
                ranges.add(new IndexRanges.Range(0, Long.MAX_VALUE));
            } else if (base.contains(block)) {
                ranges.add(new IndexRanges.Range(
                        indexOf(block.first(), base, length), indexOf(block.last(), base, length)));
            }
        }
        return new IndexRanges(ranges);
    }

    private static long indexOf(IpAddress address, Cidr base, int length) {
        int shift = base.family().bits() - length;
        long high = address.high() ^ base.network().high();
        long low = address.low() ^ base.network().low();
        long index;
        if (shift >= 128) {
            index = 0;
        } else if (shift >= 64) {
            index = high >>> (shift - 64);
        } else if (high >>> shift != 0) {
            return Long.MAX_VALUE;
        } else {
            index = shift == 0 ? low : low >>> shift | high << (64 - shift);
        }
        return index < 0 ? Long.MAX_VALUE : index;
    }
}
