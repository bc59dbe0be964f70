package io.multinic.contract.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PeerBlocksTest {
    private static final int STEPS = 60;

    static LongStream seeds() {
        return LongStream.range(0, Long.getLong("seeds", 10));
    }

    private static PeerBlock peer(Random random) {
        boolean six = random.nextInt(3) == 0;
        int number = random.nextInt(60);
        Cidr block = Cidr.parse(six ? "fd10:0:0:" + Integer.toHexString(number) + "::/64" : "10." + number + ".0.0/24");
        IpAddress via = IpAddress.parse(
                random.nextInt(5) == 0 ? "fd00::" + random.nextInt(9) : "192.168.0." + random.nextInt(256));
        List<Cidr> excluded = new ArrayList<>();
        for (int i = random.nextInt(8); i > 5; i--) {
            excluded.add(new Cidr(block.network().plus(i), six ? 128 : 32));
        }
        return new PeerBlock("node" + random.nextInt(7), random.nextInt(4), block, via, excluded);
    }

    private static PeerChange change(PeerBlock peer, boolean gone) {
        return new PeerChange(
                "net",
                peer.interfaceIndex(),
                peer.node(),
                peer.podBlock(),
                gone ? null : peer.via(),
                gone ? List.of() : peer.excluded());
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void compactListEqualsTheListOfItsPeers(long seed) {
        var random = new Random(seed);
        var peers = new ArrayList<PeerBlock>();
        for (int i = 0; i < 100; i++) {
            peers.add(peer(random));
        }
        var compact = PeerBlocks.copyOf(peers);
        assertThat(compact).isEqualTo(peers).hasSameHashCodeAs(peers).isEqualTo(PeerBlocks.copyOf(peers));
        assertThat(new ArrayList<>(compact)).isEqualTo(peers);
        peers.set(50, new PeerBlock("other", 0, Cidr.parse("10.0.0.0/24"), IpAddress.parse("10.0.0.1")));
        assertThat(compact).isNotEqualTo(PeerBlocks.copyOf(peers));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void changesHaveTheEffectThatTheyHaveOnAMap(long seed) {
        var random = new Random(seed);
        var compact = PeerBlocks.copyOf(List.of());
        Map<Cidr, PeerBlock> model = new TreeMap<>();
        for (int step = 0; step < STEPS; step++) {
            var changes = new LinkedHashMap<Cidr, PeerChange>();
            for (int i = random.nextInt(6); i >= 0; i--) {
                PeerBlock peer = peer(random);
                boolean gone = random.nextInt(3) == 0;
                if (changes.putIfAbsent(peer.podBlock(), change(peer, gone)) == null) {
                    if (gone) {
                        model.remove(peer.podBlock());
                    } else {
                        model.put(peer.podBlock(), peer);
                    }
                }
            }
            compact = compact.with(List.copyOf(changes.values()));
            assertThat(compact).as("seed %s, step %s", seed, step).containsExactlyElementsOf(model.values());
        }
    }
}
