package io.multinic.agent.select;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.select.BandwidthSelector.Capacity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class BandwidthSelectorTest {
    private static final int SETS = 400;

    private static Bandwidth gbps(long value) {
        return new Bandwidth(value * 1000);
    }

    private static List<Capacity> nics(long... speeds) {
        return LongStream.of(speeds)
                .mapToObj(speed -> new Capacity(speed * 1000, 0, 0))
                .toList();
    }

    /// Speeds in Gbit/s of the selected NICs.
    private static String speeds(List<Capacity> nics, Optional<List<Integer>> selected) {
        return selected.map(positions -> positions.stream()
                        .map(nic -> Long.toString(nics.get(nic).speed() / 1000))
                        .toList()
                        .toString())
                .orElse("none");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "10 | 0 | [10] | [10, 25, 100]",
                "30 | 0 | [100] | [10, 25, 100]",
                "40 | 0 | [100] | [25, 100]",
                "120 | 0 | [25, 100] | [10, 25, 100]",
                "135 | 0 | [10, 25, 100] | [10, 25, 100]",
                "140 | 0 | none | none",
                "50 | 60 | [10, 100] | [25, 100]",
            })
    void nicsOf10And25And100Gbps(long target, long reserved, String fewest, String mostEqual) {
        var nics = List.of(
                new Capacity(10_000, 0, 0), new Capacity(25_000, 0, 0), new Capacity(100_000, reserved * 1000, 0));
        assertThat(speeds(nics, BandwidthSelector.fewest(nics, gbps(target), 3)))
                .isEqualTo(fewest);
        assertThat(speeds(nics, BandwidthSelector.mostEqual(nics, gbps(target), 3)))
                .isEqualTo(mostEqual);
    }

    @Test
    void moreNicsThanAllowedAreNotSelected() {
        var nics = nics(25, 25, 25, 25);
        assertThat(BandwidthSelector.fewest(nics, gbps(60), 2)).isEmpty();
        assertThat(BandwidthSelector.mostEqual(nics, gbps(60), 2)).isEmpty();
        assertThat(BandwidthSelector.fewest(nics, gbps(60), 3)).contains(List.of(0, 1, 2));
        assertThat(BandwidthSelector.mostEqual(nics, gbps(40), 2)).contains(List.of(0, 1));
    }

    @Test
    void nearerNicsAreTakenBeforeEarlierOnes() {
        var nics = List.of(new Capacity(100, 0, 4), new Capacity(100, 0, 0), new Capacity(100, 0, 4));
        assertThat(BandwidthSelector.fewest(nics, new Bandwidth(50), 3)).contains(List.of(1));
        assertThat(BandwidthSelector.fewest(nics, new Bandwidth(150), 3)).contains(List.of(0, 1));
    }

    @Test
    void nicsOfUnknownSpeedAndFullNicsAreNotSelected() {
        var nics = List.of(new Capacity(0, 0, 0), new Capacity(100, 100, 0), new Capacity(100, 0, 0));
        assertThat(BandwidthSelector.fewest(nics, new Bandwidth(100), 3)).contains(List.of(2));
        assertThat(BandwidthSelector.mostEqual(nics, new Bandwidth(100), 3)).contains(List.of(2));
    }

    @Test
    void sharesAreEqualUpToTheFreeBandwidth() {
        assertThat(BandwidthSelector.shares(nics(10, 25, 100), gbps(120))).containsExactly(10_000L, 25_000L, 85_000L);
        assertThat(BandwidthSelector.shares(nics(100, 100), gbps(30))).containsExactly(15_000L, 15_000L);
        assertThat(BandwidthSelector.shares(nics(1, 1, 1), new Bandwidth(10))).containsExactly(4L, 3L, 3L);
    }

    static IntStream sets() {
        return IntStream.range(0, SETS);
    }

    /// Compares both strategies with all subsets of random NICs.
    @ParameterizedTest
    @MethodSource("sets")
    void noSubsetIsBetter(int seed) {
        var random = new Random(seed);
        List<Capacity> nics = new ArrayList<>();
        long[] speeds = {10, 25, 40, 100, 200};
        for (int i = random.nextInt(1, 9); i > 0; i--) {
            long speed = speeds[random.nextInt(speeds.length)];
            nics.add(new Capacity(speed, random.nextLong(speed + 1) * random.nextInt(2), random.nextInt(5)));
        }
        long free = nics.stream().mapToLong(Capacity::free).sum();
        var target = new Bandwidth(random.nextLong(1, free + 20));
        int most = random.nextInt(1, nics.size() + 1);
        assertThat(BandwidthSelector.fewest(nics, target, most)).isEqualTo(bestOfAll(nics, target, most));
        requireMostEqual(nics, target.mbps(), most);
    }

    /// The best subset by enumeration; ties by the first positions.
    private static Optional<List<Integer>> bestOfAll(List<Capacity> nics, Bandwidth target, int most) {
        Comparator<List<Integer>> order = Comparator.<List<Integer>>comparingInt(List::size)
                .thenComparingLong(set -> sum(set, nic -> nics.get(nic).speed()))
                .thenComparingLong(set -> sum(set, nic -> nics.get(nic).distance()))
                .thenComparing(BandwidthSelectorTest::compareFirstPositions);
        return subsets(nics)
                .filter(set -> set.size() <= most)
                .filter(set -> sum(set, nic -> nics.get(nic).free()) >= target.mbps())
                .min(order);
    }

    private static Stream<List<Integer>> subsets(List<Capacity> nics) {
        return IntStream.range(1, 1 << nics.size())
                .mapToObj(bits -> IntStream.range(0, nics.size())
                        .filter(nic -> (bits >> nic & 1) == 1)
                        .boxed()
                        .toList());
    }

    private static long sum(List<Integer> set, ToLongFunction<Integer> value) {
        return set.stream().mapToLong(value).sum();
    }

    private static int compareFirstPositions(List<Integer> one, List<Integer> other) {
        for (int i = 0; i < one.size(); i++) {
            int order = Integer.compare(one.get(i), other.get(i));
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    private static void requireMostEqual(List<Capacity> nics, long target, int most) {
        var equal = subsets(nics)
                .filter(set -> set.size() <= most)
                .filter(set -> set.stream().allMatch(nic -> nics.get(nic).free() * set.size() >= target))
                .mapToInt(List::size)
                .max();
        var selected = BandwidthSelector.mostEqual(nics, new Bandwidth(target), most);
        boolean reachable = subsets(nics)
                .anyMatch(set ->
                        set.size() <= most && sum(set, nic -> nics.get(nic).free()) >= target);
        assertThat(selected.isPresent()).isEqualTo(reachable);
        if (equal.isPresent()) {
            assertThat(selected.orElseThrow()).hasSize(equal.getAsInt());
            assertThat(selected.orElseThrow()).allMatch(nic -> nics.get(nic).free() * equal.getAsInt() >= target);
        } else if (reachable) {
            assertThat(sum(selected.orElseThrow(), nic -> nics.get(nic).free())).isGreaterThanOrEqualTo(target);
        }
    }
}
