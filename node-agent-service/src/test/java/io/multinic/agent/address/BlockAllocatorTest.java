package io.multinic.agent.address;

import static io.multinic.agent.address.AddressFixtures.NOON;
import static io.multinic.agent.address.AddressFixtures.POD;
import static io.multinic.agent.address.AddressFixtures.REST;
import static io.multinic.agent.address.AddressFixtures.block;
import static io.multinic.agent.address.AddressFixtures.request;
import static io.multinic.agent.address.AddressFixtures.reserving;
import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.address.BlockUse.Rested;
import io.multinic.agent.address.Decision.AddressUnavailable;
import io.multinic.agent.address.Decision.BlockFull;
import io.multinic.agent.address.Decision.Granted;
import io.multinic.agent.address.InMemoryAddresses.Freed;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.NicBlock;
import io.multinic.contract.wire.PodRef;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BlockAllocatorTest {
    @ParameterizedTest(name = "{1} of {0} starts with {2}, ends with {3}, has {4}")
    @CsvSource({
        "192.168.0.0/18, 192.168.0.0/28, 192.168.0.1, 192.168.0.15, 15",
        "192.168.0.0/18, 192.168.1.0/28, 192.168.1.0, 192.168.1.15, 16",
        "192.168.0.0/18, 192.168.63.240/28, 192.168.63.240, 192.168.63.254, 15",
        "192.168.0.0/28, 192.168.0.0/28, 192.168.0.1, 192.168.0.14, 14",
        "10.0.0.0/31, 10.0.0.0/31, 10.0.0.0, 10.0.0.1, 2",
        "10.0.0.7/32, 10.0.0.7/32, 10.0.0.7, 10.0.0.7, 1",
        "fd00::/120, fd00::/124, fd00::1, fd00::f, 15",
        "fd00::/120, fd00::f0/124, fd00::f0, fd00::ff, 16",
        "fd00::/127, fd00::/127, fd00::, fd00::1, 2"
    })
    void allButTheSpecialAddressesAreAssigned(
            String interfaceBlock, String podBlock, String first, String last, int count) {
        var model = new Model(List.of(block("eth1", interfaceBlock, podBlock)));
        var granted = model.takeAll();
        assertThat(granted).hasSize(count).doesNotHaveDuplicates();
        assertThat(granted.getFirst()).isEqualTo(IpAddress.parse(first));
        assertThat(granted.getLast()).isEqualTo(IpAddress.parse(last));
    }

    @Test
    void excludedAddressIsNotAssigned() {
        var model = new Model(
                List.of(block("eth1", "192.168.0.0/18", "192.168.0.128/28", "192.168.0.128/30", "192.168.0.142/31")));
        assertThat(model.takeAll()).first().isEqualTo(IpAddress.parse("192.168.0.132"));
        assertThat(model.held).hasSize(10).doesNotContainKey(IpAddress.parse("192.168.0.142"));
    }

    @Test
    void excludedBlockIsFull() {
        assertThat(decide(block("eth1", "10.0.0.0/24", "10.0.0.16/28", "10.0.0.0/25"), BlockUse.NONE))
                .isEqualTo(new BlockFull("net", "eth1", Cidr.parse("10.0.0.16/28"), 0, 0, 0, null));
    }

    @Test
    void heldAddressesOfAHugeBlockAreSkipped() {
        var held = new TreeMap<IpAddress, String>();
        for (int i = 1; i < 500; i++) {
            held.put(IpAddress.parse("fd00::").plus(i), "pod");
        }
        assertThat(only(decide(block("eth1", "fd00::/48", "fd00::/64"), new BlockUse(held, List.of()))))
                .isEqualTo(IpAddress.parse("fd00::1f4"));
    }

    @Test
    void hugeExclusionIsSkippedInOneStep() {
        assertThat(only(decide(block("eth1", "fd00::/48", "fd00::/64", "fd00::/65"), BlockUse.NONE)))
                .isEqualTo(IpAddress.parse("fd00:0:0:0:8000::"));
    }

    @Test
    void freedAddressComesAfterThoseNeverUsed() {
        var use = use(NOON.minus(Duration.ofDays(1)), "10.0.0.17");
        assertThat(only(decide(block("eth1", "10.0.0.0/24", "10.0.0.16/30"), use)))
                .isEqualTo(IpAddress.parse("10.0.0.16"));
    }

    @Test
    void addressFreedFirstIsAssignedFirst() {
        var use = use(NOON.minus(Duration.ofDays(1)), "10.0.0.18", "10.0.0.16", "10.0.0.19", "10.0.0.17");
        assertThat(only(decide(block("eth1", "10.0.0.0/24", "10.0.0.16/30"), use)))
                .isEqualTo(IpAddress.parse("10.0.0.18"));
    }

    @Test
    void addressIsNotAssignedBeforeItsRestingTimeHasPassed() {
        var use = use(NOON.minus(REST).plusSeconds(10), "10.0.0.16", "10.0.0.17");
        var full = (BlockFull) decide(block("eth1", "10.0.0.0/24", "10.0.0.16/31"), use);
        assertThat(full)
                .isEqualTo(new BlockFull("net", "eth1", Cidr.parse("10.0.0.16/31"), 0, 2, 0, Duration.ofSeconds(10)));
        assertThat(full.message())
                .contains("network net", "10.0.0.16/31", "eth1", "0 held, 2 resting", "ready in 11 s");
    }

    @Test
    void podInterfaceGetsTheAddressBackThatItHadWithoutRest() {
        var pod = new PodRef("default", "worker-0", "uid");
        var block = block("eth1", "10.0.0.0/24", "10.0.0.16/28", "10.0.0.24/29");
        var addresses = addresses(use(NOON, "10.0.0.17"));
        addresses.free(freed(new Rested(IpAddress.parse("10.0.0.20"), NOON), pod));
        assertThat(only(BlockAllocator.decide(requestOf(pod, block), addresses)))
                .isEqualTo(IpAddress.parse("10.0.0.20"));
        assertThat(only(BlockAllocator.decide(requestOf(pod, reserving(block, "10.0.0.20")), addresses)))
                .as("reserved now")
                .isEqualTo(IpAddress.parse("10.0.0.16"));
        addresses.free(freed(new Rested(IpAddress.parse("10.0.0.25"), NOON), pod));
        assertThat(only(BlockAllocator.decide(requestOf(pod, block), addresses)))
                .as("excluded now")
                .isEqualTo(IpAddress.parse("10.0.0.16"));
    }

    private static AddressRequest requestOf(PodRef pod, NicBlock block) {
        var demand = new InterfaceDemand("net1-0", List.of(block));
        return new AddressRequest("net", pod, List.of(demand), List.of(), NOON, REST);
    }

    @Test
    void freedAddressComesFirstBehindTheStartOfAHugeBlock() {
        var block = block("eth1", "fd00::/48", "fd00::/64");
        var use = use(NOON.minus(REST), "fd00::1");
        var start = IpAddress.parse("fd00::");
        var held = new TreeMap<IpAddress, String>();
        for (int i = 2; i < BlockAllocator.NEW_FIRST - 1; i++) {
            held.put(start.plus(i), "pod");
        }
        assertThat(only(decide(block, new BlockUse(held, use.resting()))))
                .isEqualTo(start.plus(BlockAllocator.NEW_FIRST - 1));
        held.put(start.plus(BlockAllocator.NEW_FIRST - 1), "pod");
        assertThat(only(decide(block, new BlockUse(held, use.resting())))).isEqualTo(start.plus(1));
        assertThat(only(decide(block, new BlockUse(held, use(NOON, "fd00::1").resting()))))
                .as("nothing has rested")
                .isEqualTo(start.plus(BlockAllocator.NEW_FIRST));
    }

    @Test
    void clockThatWasSetBackDoesNotLockAddresses() {
        var use = use(NOON.plus(Duration.ofDays(3)), "10.0.0.16", "10.0.0.17");
        assertThat(only(decide(block("eth1", "10.0.0.0/24", "10.0.0.16/31"), use)))
                .isEqualTo(IpAddress.parse("10.0.0.16"));
    }

    @Test
    void namedAddressGoesToTheInterfaceOfItsBlock() {
        var blocks = List.of(block("eth1", "10.0.0.0/24", "10.0.0.0/28"), block("eth2", "10.1.0.0/24", "10.1.0.0/28"));
        var granted = (Granted) BlockAllocator.decide(request(NOON, blocks, "10.1.0.9"), new InMemoryAddresses());
        assertThat(granted.grants())
                .extracting(grant -> grant.podInterface() + " " + grant.address())
                .containsExactly("net1-0 10.0.0.1", "net1-1 10.1.0.9");
    }

    @Test
    void namedAddressIsAssignedWithoutRest() {
        var use = addresses(use(NOON, "10.0.0.9"));
        var blocks = List.of(block("eth1", "10.0.0.0/24", "10.0.0.0/28"));
        assertThat(BlockAllocator.decide(request(NOON, blocks, "10.0.0.9"), use))
                .isInstanceOf(Granted.class);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "10.9.0.1, none of the blocks",
        "fd00::1, none of the blocks",
        "10.0.0.0, network or broadcast",
        "10.0.0.5, excludes 10.0.0.4/30",
        "10.0.0.2, held by default/other"
    })
    void unavailableNamedAddressIsRefused(String address, String reason) {
        var held = new TreeMap<>(Map.of(IpAddress.parse("10.0.0.2"), "default/other"));
        var use = addresses(new BlockUse(held, List.of()));
        var blocks = List.of(block("eth1", "10.0.0.0/24", "10.0.0.0/28", "10.0.0.4/30"));
        var refused = (AddressUnavailable) BlockAllocator.decide(request(NOON, blocks, address), use);
        assertThat(refused.message()).contains("network net", address, reason);
    }

    @Test
    void twoNamedAddressesOfOneBlockAreRefused() {
        var blocks = List.of(block("eth1", "10.0.0.0/24", "10.0.0.0/28"));
        assertThat(BlockAllocator.decide(request(NOON, blocks, "10.0.0.3", "10.0.0.4"), new InMemoryAddresses()))
                .isInstanceOf(AddressUnavailable.class);
    }

    @Test
    void oneFullBlockRefusesAll() {
        var blocks = List.of(block("eth1", "10.0.0.0/24", "10.0.0.16/28"), block("eth2", "10.1.0.5/32", "10.1.0.5/32"));
        var held = new TreeMap<>(Map.of(IpAddress.parse("10.1.0.5"), "default/other"));
        var use = addresses(new BlockUse(held, List.of()));
        assertThat(BlockAllocator.decide(request(NOON, blocks), use)).isInstanceOf(BlockFull.class);
    }

    @Test
    void reservedAddressIsNotAssignedUnlessItIsNamed() {
        var model = new Model(List.of(reserving(
                block("eth1", "192.168.0.0/18", "192.168.0.128/28", "192.168.0.128/30"),
                "192.168.0.130-192.168.0.135",
                "192.168.0.140=default",
                "192.168.0.143=default/worker-0")));
        assertThat(model.takeAll())
                .extracting(IpAddress::toString)
                .containsExactly(
                        "192.168.0.136",
                        "192.168.0.137",
                        "192.168.0.138",
                        "192.168.0.139",
                        "192.168.0.141",
                        "192.168.0.142");
    }

    @Test
    void hugeReservationIsSkippedInOneStep() {
        assertThat(only(decide(
                        reserving(block("eth1", "fd00::/48", "fd00::/64"), "fd00::-fd00::7fff:ffff:ffff:ffff"),
                        BlockUse.NONE)))
                .isEqualTo(IpAddress.parse("fd00:0:0:0:8000::"));
    }

    @ParameterizedTest(name = "{0} for {1}")
    @CsvSource({
        "default, true",
        "default/worker-0, true",
        "default/worker-1, false",
        "other, false",
        "def, false",
        ", false"
    })
    void namedReservedAddressIsAssignedOnlyToAPodItIsReservedFor(String heldFor, boolean given) {
        String reserved = "10.0.0.4-10.0.0.6" + (heldFor == null ? "" : "=" + heldFor);
        var blocks = List.of(reserving(block("eth1", "10.0.0.0/24", "10.0.0.0/28"), reserved));
        var decision = BlockAllocator.decide(request(NOON, blocks, "10.0.0.5"), new InMemoryAddresses());
        if (given) {
            assertThat(only(decision)).isEqualTo(IpAddress.parse("10.0.0.5"));
        } else {
            assertThat(((AddressUnavailable) decision).message())
                    .contains("10.0.0.5", "reserved (10.0.0.4-10.0.0.6", "not for default/worker-0")
                    .contains(heldFor == null ? ")" : "for " + heldFor);
        }
    }

    @Test
    void heldReservedAddressIsRefused() {
        var held = new TreeMap<>(Map.of(IpAddress.parse("10.0.0.5"), "default/other"));
        var use = addresses(new BlockUse(held, List.of()));
        var blocks = List.of(reserving(block("eth1", "10.0.0.0/24", "10.0.0.0/28"), "10.0.0.5=default"));
        var refused = (AddressUnavailable) BlockAllocator.decide(request(NOON, blocks, "10.0.0.5"), use);
        assertThat(refused.message()).contains("held by default/other");
    }

    @Test
    void restingReservedAddressDoesNotCountAsNextReady() {
        var full = (BlockFull)
                decide(reserving(block("eth1", "10.0.0.0/24", "10.0.0.16/31"), "10.0.0.16/31"), use(NOON, "10.0.0.16"));
        assertThat(full).isEqualTo(new BlockFull("net", "eth1", Cidr.parse("10.0.0.16/31"), 0, 0, 2, null));
        assertThat(full.message()).contains("0 held, 0 resting, 2 reserved");
    }

    /// Random allocations and frees, compared with a naive model that scans the block.
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89})
    void randomRequestsAgreeWithANaiveModel(long seed) {
        var random = new Random(seed);
        var block = block("eth1", "10.0.0.0/26", "10.0.0." + 16 * random.nextInt(4) + "/28", "10.0.0.20/31");
        var model = new Model(List.of(block));
        for (int step = 0; step < 2_000; step++) {
            model.now = model.now.plusSeconds(random.nextInt(8));
            if (random.nextInt(20) == 0) {
                model.changeReservations(block, random);
            }
            if (random.nextInt(100) < 55) {
                model.takeOne(random);
            } else {
                model.freeOne(random);
            }
        }
    }

    private static Decision decide(NicBlock block, BlockUse use) {
        return BlockAllocator.decide(request(NOON, List.of(block)), addresses(use));
    }

    private static InMemoryAddresses addresses(BlockUse use) {
        var addresses = new InMemoryAddresses();
        use.held().forEach(addresses::hold);
        use.resting().forEach(rested -> addresses.free(freed(rested, POD)));
        return addresses;
    }

    private static Freed freed(Rested rested, PodRef pod) {
        return new Freed(rested.address(), rested.freedAt(), pod, "net1-0");
    }

    private static IpAddress only(Decision decision) {
        return ((Granted) decision).grants().getFirst().address();
    }

    private static BlockUse use(Instant freedAt, String... resting) {
        return new BlockUse(
                new TreeMap<>(),
                List.of(resting).stream()
                        .map(address -> new Rested(IpAddress.parse(address), freedAt))
                        .toList());
    }

    /// Naive model of a block, which looks at each of its addresses.
    private static final class Model {
        private List<NicBlock> blocks;
        private final TreeMap<IpAddress, String> held = new TreeMap<>();
        private final List<Rested> freed = new ArrayList<>();
        private final Set<IpAddress> everUsed = new HashSet<>();
        private Instant now = NOON;

        Model(List<NicBlock> blocks) {
            this.blocks = blocks;
        }

        List<IpAddress> takeAll() {
            List<IpAddress> taken = new ArrayList<>();
            while (take() instanceof Granted granted) {
                granted.grants().forEach(grant -> taken.add(grant.address()));
            }
            return taken;
        }

        private Decision take(String... wanted) {
            var decision = BlockAllocator.decide(request(now, blocks, wanted), addresses(new BlockUse(held, freed)));
            if (decision instanceof Granted granted) {
                granted.grants().forEach(grant -> hold(grant.address()));
            }
            return decision;
        }

        private void hold(IpAddress address) {
            assertThat(held.put(address, "pod")).as("holder of " + address).isNull();
            freed.removeIf(rested -> rested.address().equals(address));
            everUsed.add(address);
        }

        void takeOne(Random random) {
            var usable = usable();
            if (random.nextInt(10) == 0) {
                var named = usable.get(random.nextInt(usable.size()));
                boolean free = !held.containsKey(named)
                        && reservedFor(named)
                                .map(heldFor -> heldFor.equals("default"))
                                .orElse(true);
                assertThat(take(named.toString()) instanceof Granted).isEqualTo(free);
                return;
            }
            var fresh = usable.stream()
                    .filter(address -> !everUsed.contains(address))
                    .filter(address -> reservedFor(address).isEmpty())
                    .findFirst();
            var rested = freed.stream()
                    .filter(candidate -> reservedFor(candidate.address()).isEmpty())
                    .filter(candidate -> !candidate.freedAt().isAfter(now.minus(REST)))
                    .findFirst();
            var expected = fresh.or(() -> rested.map(Rested::address));
            var decision = take();
            if (expected.isPresent()) {
                assertThat(only(decision)).isEqualTo(expected.get());
            } else {
                assertThat(decision).isInstanceOf(BlockFull.class);
                var full = (BlockFull) decision;
                assertThat(full.held()).isEqualTo(held.size());
                assertThat(full.reserved())
                        .isEqualTo(usable.stream()
                                .filter(address -> !held.containsKey(address))
                                .filter(address -> reservedFor(address).isPresent())
                                .count());
                assertThat(full.held() + full.resting() + full.reserved()).isEqualTo(usable.size());
            }
        }

        void freeOne(Random random) {
            if (!held.isEmpty()) {
                var address = List.copyOf(held.keySet()).get(random.nextInt(held.size()));
                held.remove(address);
                freed.add(new Rested(address, now));
            }
        }

        /// Replaces the reservations at random, also over held and excluded addresses; held addresses stay held.
        void changeReservations(NicBlock block, Random random) {
            List<String> ranges = new ArrayList<>();
            long next = random.nextInt(6);
            while (next < block.podBlock().size()) {
                long last = Math.min(block.podBlock().size() - 1, next + random.nextInt(5));
                ranges.add(block.podBlock().first().plus(next) + "-"
                        + block.podBlock().first().plus(last)
                        + List.of("", "=default", "=other").get(random.nextInt(3)));
                next = last + 1 + random.nextInt(8);
            }
            blocks = List.of(reserving(block, ranges.toArray(String[]::new)));
        }

        /// The pods that the address is reserved for, as `null` if it is reserved for none; empty if it is not
        /// reserved.
        private Optional<String> reservedFor(IpAddress address) {
            return blocks.getFirst().reserved().stream()
                    .filter(range -> range.first().compareTo(address) <= 0
                            && range.last().compareTo(address) >= 0)
                    .map(range -> String.valueOf(range.heldFor()))
                    .findFirst();
        }

        private List<IpAddress> usable() {
            var block = blocks.getFirst();
            List<IpAddress> all = new ArrayList<>();
            for (long i = 0; i < block.podBlock().size(); i++) {
                var address = block.podBlock().first().plus(i);
                boolean special = address.equals(block.interfaceBlock().first())
                        || address.equals(block.interfaceBlock().last());
                boolean excluded = block.excluded().stream().anyMatch(cidr -> cidr.contains(address));
                if (!special && !excluded) {
                    all.add(address);
                }
            }
            return all;
        }
    }
}
