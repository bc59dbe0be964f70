package io.multinic.ipam.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.address.Cidr;
import io.multinic.ipam.plan.HostKey;
import io.multinic.ipam.plan.Indexes;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClaimResolutionTest {
    private static final Cidr NET1 = Cidr.parse("10.0.1.0/24");
    private static final Cidr NET2 = Cidr.parse("10.0.2.0/24");
    private static final Indexes EMPTY = new Indexes(Map.of(), Map.of());

    private static HostKey key(String node, Cidr net) {
        return new HostKey(node, "eth1", net);
    }

    private static BlockClaim claim(String node, Cidr net, int interfaceIndex, int hostIndex) {
        return new BlockClaim(key(node, net), interfaceIndex, hostIndex);
    }

    private static Indexes indexes(Map<Cidr, Integer> interfaces, Map<HostKey, Integer> hosts) {
        return new Indexes(interfaces, hosts);
    }

    private static final Indexes TAKEN =
            indexes(Map.of(NET1, 0, NET2, 1), Map.of(key("a", NET1), 0, key("b", NET1), 1, key("b", NET2), 0));

    private static ClaimResolution inQuarantine(Indexes known, Set<String> reported, BlockClaim... claims) {
        return ClaimResolution.of(known, List.of(claims), reported, true);
    }

    private static ClaimResolution afterwards(Indexes known, BlockClaim... claims) {
        return ClaimResolution.of(known, List.of(claims), Set.of(), false);
    }

    @Test
    void freeBlockIsGrantedAsClaimed() {
        for (var granted : List.of(
                inQuarantine(EMPTY, Set.of(), claim("a", NET1, 3, 7)), afterwards(EMPTY, claim("a", NET1, 3, 7)))) {
            assertThat(granted.indexes().interfaces()).isEqualTo(Map.of(NET1, 3));
            assertThat(granted.indexes().hosts()).isEqualTo(Map.of(key("a", NET1), 7));
            assertThat(granted.refused()).isEmpty();
            assertThat(granted.displacedNodes()).isEmpty();
        }
    }

    @Test
    void reportingNodeWinsOverUnreportedOwner() {
        var restoration = inQuarantine(TAKEN, Set.of(), claim("c", NET1, 0, 1));
        assertThat(restoration.indexes().hosts())
                .isEqualTo(Map.of(key("a", NET1), 0, key("c", NET1), 1, key("b", NET2), 0));
        assertThat(restoration.displacedNodes()).containsExactly("b");
    }

    @Test
    void nodeThatReportedKeepsItsBlocks() {
        BlockClaim late = claim("c", NET1, 0, 1);
        var restoration = inQuarantine(TAKEN, Set.of("b"), late);
        assertThat(restoration.indexes().hosts()).isEqualTo(TAKEN.hosts());
        assertThat(restoration.displacedNodes()).isEmpty();
        assertThat(restoration.refused()).containsOnlyKeys(late);
        assertThat(restoration.refused().get(late)).contains("node UID b");
    }

    @Test
    void firstOfTwoClaimsGetsTheBlock() {
        BlockClaim second = claim("d", NET1, 0, 5);
        var restoration = inQuarantine(TAKEN, Set.of(), claim("c", NET1, 0, 5), second);
        assertThat(restoration.indexes().hosts()).containsEntry(key("c", NET1), 5);
        assertThat(restoration.refused()).containsOnlyKeys(second);
    }

    @Test
    void noOwnerLosesItsBlockAfterQuarantine() {
        var restoration = afterwards(TAKEN, claim("c", NET1, 0, 1), claim("a", NET1, 0, 9), claim("d", NET1, 0, 4));
        assertThat(restoration.indexes().hosts())
                .isEqualTo(Map.of(key("a", NET1), 0, key("b", NET1), 1, key("b", NET2), 0, key("d", NET1), 4));
        assertThat(restoration.refused()).hasSize(2);
    }

    @Test
    void nodeGetsItsOwnIndexBack() {
        var restoration = inQuarantine(TAKEN, Set.of("a"), claim("a", NET1, 0, 9));
        assertThat(restoration.indexes().hosts()).containsEntry(key("a", NET1), 9);
        assertThat(restoration.displacedNodes()).isEmpty();
    }

    @Test
    void nicsOfNodeMaySwapIndexes() {
        HostKey other = new HostKey("a", "eth9", NET1);
        var known = indexes(Map.of(NET1, 0), Map.of(key("a", NET1), 0, other, 1));
        var restoration = inQuarantine(known, Set.of("a"), claim("a", NET1, 0, 1), new BlockClaim(other, 0, 0));
        assertThat(restoration.indexes().hosts()).isEqualTo(Map.of(key("a", NET1), 1, other, 0));
    }

    @Test
    void interfaceIndexIsRestoredUnlessReportedByAnotherNode() {
        BlockClaim claim = claim("c", NET1, 1, 0);
        var moved = inQuarantine(TAKEN, Set.of(), claim);
        assertThat(moved.indexes().interfaces()).isEqualTo(Map.of(NET1, 1));
        assertThat(moved.indexes().hosts()).isEqualTo(Map.of(key("c", NET1), 0));
        assertThat(moved.displacedNodes()).containsExactlyInAnyOrder("a", "b");

        assertThat(inQuarantine(TAKEN, Set.of("b"), claim).refused()).containsOnlyKeys(claim);
        assertThat(inQuarantine(TAKEN, Set.of("a"), claim).refused()).containsOnlyKeys(claim);
        assertThat(afterwards(TAKEN, claim).refused()).containsOnlyKeys(claim);
    }

    /// Invariants for random claims: no index is shared, nodes that have reported lose nothing, and each claim is
    /// granted or refused.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void indexesAreNeverShared(long seed) {
        var random = new Random(seed);
        for (int round = 0; round < 500; round++) {
            Indexes known = randomIndexes(random);
            var reported = new HashSet<String>();
            known.hosts().keySet().forEach(key -> {
                if (random.nextInt(3) == 0) {
                    reported.add(key.nodeUid());
                }
            });
            var claims = random.ints(6, 0, 5)
                    .mapToObj(n ->
                            claim("n" + n, random.nextBoolean() ? NET1 : NET2, random.nextInt(3), random.nextInt(4)))
                    .toList();
            boolean quarantined = random.nextBoolean();
            var restoration = ClaimResolution.of(known, claims, reported, quarantined);
            requireUnshared(restoration.indexes());
            known.hosts().forEach((key, index) -> {
                boolean mayLose = quarantined && !reported.contains(key.nodeUid());
                boolean claims1 =
                        claims.stream().anyMatch(claim -> claim.key().nodeUid().equals(key.nodeUid()));
                if (!mayLose && !claims1) {
                    assertThat(restoration.indexes().hosts()).containsEntry(key, index);
                }
            });
        }
    }

    private static Indexes randomIndexes(Random random) {
        Map<Cidr, Integer> interfaces = random.nextBoolean() ? Map.of(NET1, 0, NET2, 1) : Map.of(NET1, 2);
        Map<HostKey, Integer> hosts = new HashMap<>();
        for (Cidr net : interfaces.keySet()) {
            for (int index = 0; index < 4; index++) {
                if (random.nextBoolean()) {
                    hosts.put(key("n" + (index + random.nextInt(2) * 4), net), index);
                }
            }
        }
        return indexes(interfaces, hosts);
    }

    private static void requireUnshared(Indexes indexes) {
        assertThat(indexes.interfaces().values()).doesNotHaveDuplicates();
        record Place(Cidr net, int index) {}
        assertThat(indexes.hosts().entrySet().stream()
                        .map(entry -> new Place(entry.getKey().masterNet(), entry.getValue()))
                        .toList())
                .doesNotHaveDuplicates();
        indexes.hosts().keySet().forEach(key -> assertThat(indexes.interfaces()).containsKey(key.masterNet()));
    }
}
