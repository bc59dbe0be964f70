package io.multinic.agent.select;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/// Selects NICs whose free bandwidth reaches a target: the strategies costOpt and perfOpt; pure.
///
/// NICs are given and returned as positions in the list of their capacities.
final class BandwidthSelector {
    private final List<Capacity> nics;
    private final long target;

    private BandwidthSelector(List<Capacity> nics, long target) {
        this.nics = nics;
        this.target = target;
    }

    /// The bandwidth of a NIC, in Mbit/s.
    ///
    /// @param speed of the link; 0 if it is unknown
    /// @param reserved targets of live attachments on this NIC
    /// @param distance from the pod's GPUs; smaller is nearer
    record Capacity(long speed, long reserved, int distance) {
        long free() {
            return Math.max(0, speed - reserved);
        }
    }

    /// The fewest NICs whose free bandwidth together reaches the target; of these the ones with the least total speed,
    /// then the nearest, then the first in the list.
    ///
    /// @return empty if no more than `most` NICs reach the target
    static Optional<List<Integer>> fewest(List<Capacity> nics, Bandwidth target, int most) {
        return new BandwidthSelector(nics, target.mbps()).fewest(most);
    }

    /// The largest number of NICs that reach the target with equal shares; if no number does, all NICs with free
    /// bandwidth.
    ///
    /// @return empty if no more than `most` NICs reach the target
    static Optional<List<Integer>> mostEqual(List<Capacity> nics, Bandwidth target, int most) {
        return new BandwidthSelector(nics, target.mbps()).mostEqual(most);
    }

    /// The part of the target that each NIC carries, in the order of the list: as equal as their free bandwidth allows.
    static List<Long> shares(List<Capacity> nics, Bandwidth target) {
        var shares = new Long[nics.size()];
        long left = target.mbps();
        int others = nics.size();
        for (int nic : sorted(nics, Comparator.comparingLong(Capacity::free))) {
            long equal = (left + others - 1) / others;
            shares[nic] = Math.min(nics.get(nic).free(), equal);
            left -= shares[nic];
            others--;
        }
        return List.of(shares);
    }

    private Optional<List<Integer>> fewest(int most) {
        long sum = 0;
        int count = 0;
        for (int nic : sorted(nics, Comparator.comparingLong(Capacity::free).reversed())) {
            sum += nics.get(nic).free();
            count++;
            if (sum >= target) {
                return count <= most ? Optional.of(cheapest(count)) : Optional.empty();
            }
        }
        return Optional.empty();
    }

    /// The sums of a set of NICs that decide between sets.
    private record Sums(int count, long speed, long distance) implements Comparable<Sums> {
        static final Sums NONE = new Sums(0, 0, 0);

        Sums plus(Capacity nic) {
            return new Sums(count + 1, speed + nic.speed(), distance + nic.distance());
        }

        Sums minus(Capacity nic) {
            return new Sums(count - 1, speed - nic.speed(), distance - nic.distance());
        }

        @Override
        public int compareTo(Sums other) {
            return speed == other.speed ? Long.compare(distance, other.distance) : Long.compare(speed, other.speed);
        }
    }

    /// The set of `count` NICs that reaches the target with the least sums. Few speeds and distances occur on a node,
    /// so the reachable sums are few, unlike the sets.
    private List<Integer> cheapest(int count) {
        List<Map<Sums, Long>> freeFrom = largestFreeFrom(count);
        Sums wanted = freeFrom.getFirst().entrySet().stream()
                .filter(reachable -> reachable.getKey().count() == count && reachable.getValue() >= target)
                .map(Map.Entry::getKey)
                .min(Comparator.naturalOrder())
                .orElseThrow();
        long needed = target;
        List<Integer> chosen = new ArrayList<>();
        for (int nic = 0; wanted.count() > 0; nic++) {
            Capacity capacity = nics.get(nic);
            Sums without = wanted.minus(capacity);
            Long free = freeFrom.get(nic + 1).get(without);
            if (free != null && free + capacity.free() >= needed) {
                chosen.add(nic);
                wanted = without;
                needed -= capacity.free();
            }
        }
        return chosen;
    }

    /// For each position, the sums that sets of the NICs from there on reach, with the largest free bandwidth of each.
    private List<Map<Sums, Long>> largestFreeFrom(int count) {
        List<Map<Sums, Long>> freeFrom = new ArrayList<>();
        freeFrom.add(Map.of(Sums.NONE, 0L));
        for (Capacity nic : nics.reversed()) {
            Map<Sums, Long> after = freeFrom.getLast();
            var here = new HashMap<>(after);
            after.forEach((sums, free) -> {
                if (sums.count() < count) {
                    here.merge(sums.plus(nic), free + nic.free(), Math::max);
                }
            });
            freeFrom.add(here);
        }
        return freeFrom.reversed();
    }

    private Optional<List<Integer>> mostEqual(int most) {
        List<Integer> freest =
                sorted(nics, Comparator.comparingLong(Capacity::free).reversed().thenComparingInt(Capacity::distance));
        for (int count = Math.min(most, nics.size()); count > 0; count--) {
            if (nics.get(freest.get(count - 1)).free() * count >= target) {
                return Optional.of(inOrder(freest.subList(0, count)));
            }
        }
        List<Integer> usable = freest.stream()
                .filter(nic -> nics.get(nic).free() > 0)
                .limit(most)
                .toList();
        long sum = usable.stream().mapToLong(nic -> nics.get(nic).free()).sum();
        return sum >= target && !usable.isEmpty() ? Optional.of(inOrder(usable)) : Optional.empty();
    }

    private static List<Integer> sorted(List<Capacity> nics, Comparator<Capacity> order) {
        return IntStream.range(0, nics.size())
                .boxed()
                .sorted(Comparator.comparing(nics::get, order))
                .toList();
    }

    private static List<Integer> inOrder(List<Integer> positions) {
        return positions.stream().sorted().toList();
    }
}
