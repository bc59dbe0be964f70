package io.multinic.agent.address;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.NicBlock;
import io.multinic.contract.wire.PodRef;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/// Blocks, intents and requests for tests.
final class Blocks {
    static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
    static final Duration REST = Duration.ofSeconds(30);

    private Blocks() {}

    static NicBlock block(String nic, String interfaceBlock, String podBlock, String... excluded) {
        return new NicBlock(
                nic,
                Cidr.parse("10.0.1.0/24"),
                0,
                0,
                Cidr.parse(interfaceBlock),
                Cidr.parse(podBlock),
                Stream.of(excluded).map(Cidr::parse).toList());
    }

    static AddressRequest request(Instant now, List<NicBlock> blocks, String... wanted) {
        var demands = Stream.of(blocks.toArray(NicBlock[]::new))
                .map(block -> new InterfaceDemand("net1-" + blocks.indexOf(block), List.of(block)))
                .toList();
        return new AddressRequest(
                "net", demands, Stream.of(wanted).map(IpAddress::parse).toList(), now, REST);
    }

    static Intent intent(String containerId) {
        return new Intent(
                new AttachmentKey(containerId, "net1"),
                "net",
                new Sandbox("/run/netns/" + containerId, "boot/4/" + containerId),
                new PodRef("default", "pod-" + containerId, "uid-" + containerId),
                "fingerprint",
                "detail");
    }
}
