package io.multinic.agent.select;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.select.Candidate.Hardware;
import io.multinic.contract.address.Cidr;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TopologyOrderTest {
    private static final int MATRICES = 300;

    /// A switch below a root port, with a GPU and a NIC each below a port of its own.
    private static PciDevice below(int numaNode, int bus, String device) {
        String root = "pci00%02x:00".formatted(bus);
        String port = "00%02x:00:01.0".formatted(bus);
        String up = "00%02x:01:00.0".formatted(bus);
        String down = "00%02x:02:%s.0".formatted(bus, device.equals("gpu") ? "00" : "01");
        String end = "00%02x:0%s:00.0".formatted(bus, device.equals("gpu") ? "3" : "4");
        return new PciDevice(end, root, List.of(port, up, down), numaNode);
    }

    private static Candidate nic(String name, Hardware hardware) {
        return new Candidate(name, Cidr.parse("10.0.1.0/24"), true, hardware);
    }

    private static Hardware speed(long mbps, int attachments) {
        return new Hardware(null, null, mbps, new NicUse(attachments, 0));
    }

    private static List<String> select(List<Candidate> nics, Topology topology, int wanted) {
        return TopologyOrder.select(nics, topology, wanted).stream()
                .map(Candidate::nic)
                .toList();
    }

    /// Eight switches with a GPU and a NIC each, four on each NUMA node.
    private static Topology eightRails(List<Integer> gpus) {
        Map<String, PciDevice> nics = new HashMap<>();
        for (int rail = 0; rail < 8; rail++) {
            nics.put("rail" + rail, below(rail / 4, rail, "nic"));
        }
        return new Topology(gpus.stream().map(gpu -> below(gpu / 4, gpu, "gpu")).toList(), nics);
    }

    private static List<Candidate> rails() {
        return IntStream.range(0, 8)
                .mapToObj(rail -> nic("rail" + rail, speed(400_000, 0)))
                .toList();
    }

    @Test
    void eachGpuGetsTheNicOfItsSwitchInTheOrderOfTheGpus() {
        assertThat(select(rails(), eightRails(List.of(5, 2)), 2)).containsExactly("rail5", "rail2");
        assertThat(select(rails(), eightRails(List.of(0, 1, 2, 3, 4, 5, 6, 7)), 8))
                .containsExactly("rail0", "rail1", "rail2", "rail3", "rail4", "rail5", "rail6", "rail7");
    }

    @Test
    void fewerNicsThanGpusAreTheNearestOnes() {
        var nics = rails().subList(2, 4);
        assertThat(select(nics, eightRails(List.of(0, 1, 3)), 1)).containsExactly("rail3");
    }

    @Test
    void moreNicsThanGpusAreNearToo() {
        assertThat(select(rails(), eightRails(List.of(6)), 3)).containsExactly("rail6", "rail4", "rail5");
    }

    @Test
    void nearGpuDoesNotTakeTheOnlyNearNicOfAnother() {
        // Both GPUs are at the switch of NIC a; only the first is near b as well.
        var one = new PciDevice("0000:03:00.0", "pci0000:00", List.of("p", "u", "d1"), 0);
        var two = new PciDevice("0000:04:00.0", "pci0000:00", List.of("p", "u", "d2"), 1);
        var a = new PciDevice("0000:05:00.0", "pci0000:00", List.of("p", "u", "d3"), 0);
        var b = new PciDevice("0000:06:00.0", "pci0000:10", List.of("q"), 0);
        var nics = List.of(nic("a", speed(1, 0)), nic("b", speed(1, 0)));
        assertThat(select(nics, new Topology(List.of(one, two), Map.of("a", a, "b", b)), 2))
                .containsExactly("b", "a");
    }

    @Test
    void tiesAreDecidedBySpeedThenUseThenOrder() {
        var gpu = new Topology(List.of(below(0, 0, "gpu")), Map.of());
        assertThat(select(List.of(nic("a", speed(10, 0)), nic("b", speed(25, 9))), gpu, 1))
                .containsExactly("b");
        assertThat(select(List.of(nic("a", speed(25, 3)), nic("b", speed(25, 2))), gpu, 1))
                .containsExactly("b");
        assertThat(select(List.of(nic("a", speed(25, 2)), nic("b", speed(25, 2))), gpu, 1))
                .containsExactly("a");
    }

    @Test
    void nicWithoutLinkIsTakenLastHoweverNear() {
        var down = new Candidate("rail5", Cidr.parse("10.0.1.0/24"), false, speed(400_000, 0));
        List<Candidate> nics = new ArrayList<>(rails());
        nics.set(5, down);
        assertThat(select(nics, eightRails(List.of(5)), 1)).containsExactly("rail4");
        assertThat(select(List.of(down), eightRails(List.of(5)), 1)).containsExactly("rail5");
    }

    static IntStream matrices() {
        return IntStream.range(0, MATRICES);
    }

    /// Compares the matching with all others of the same size.
    @ParameterizedTest
    @MethodSource("matrices")
    void noMatchingIsCheaper(int seed) {
        var random = new Random(seed);
        var costs = new long[random.nextInt(1, 6)][random.nextInt(1, 6)];
        for (long[] row : costs) {
            for (int nic = 0; nic < row.length; nic++) {
                row[nic] = random.nextInt(20);
            }
        }
        int pairs = random.nextInt(1, Math.min(costs.length, costs[0].length) + 1);
        List<Integer> matching = GpuMatching.of(costs, pairs);
        assertThat(matching.stream().filter(nic -> nic >= 0).distinct().count()).isEqualTo(pairs);
        assertThat(matching.stream().filter(nic -> nic >= 0).count()).isEqualTo(pairs);
        long sum = 0;
        for (int gpu = 0; gpu < costs.length; gpu++) {
            sum += matching.get(gpu) < 0 ? 0 : costs[gpu][matching.get(gpu)];
        }
        assertThat(sum).isEqualTo(cheapest(costs, 0, 0, pairs));
    }

    /// The least cost of `pairs` pairs of the GPUs from `gpu` on with NICs that are not in the bit set `taken`.
    private static long cheapest(long[][] costs, int gpu, int taken, int pairs) {
        if (pairs == 0) {
            return 0;
        }
        if (gpu == costs.length) {
            return Integer.MAX_VALUE;
        }
        long best = cheapest(costs, gpu + 1, taken, pairs);
        for (int nic = 0; nic < costs[gpu].length; nic++) {
            if ((taken >> nic & 1) == 0) {
                best = Math.min(best, costs[gpu][nic] + cheapest(costs, gpu + 1, taken | 1 << nic, pairs - 1));
            }
        }
        return best;
    }
}
