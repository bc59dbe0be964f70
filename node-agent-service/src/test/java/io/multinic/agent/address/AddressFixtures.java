package io.multinic.agent.address;

import io.multinic.contract.address.AddressRange;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.NicBlock;
import io.multinic.contract.wire.PodRef;
import io.multinic.contract.wire.ReservedRange;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/// Blocks and address requests for tests.
public final class AddressFixtures {
    public static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
    public static final PodRef POD = new PodRef("default", "worker-0", "");
    public static final Duration REST = Duration.ofSeconds(30);

    private AddressFixtures() {}

    public static NicBlock block(String nic, String interfaceBlock, String podBlock, String... excluded) {
        return new NicBlock(
                nic,
                Cidr.parse("10.0.1.0/24"),
                0,
                0,
                Cidr.parse(interfaceBlock),
                Cidr.parse(podBlock),
                Stream.of(excluded).map(Cidr::parse).toList());
    }

    /// Adds reservations to a block: `10.0.0.4-10.0.0.9` for no pod, `10.0.0.4=default/db` for the pods named.
    public static NicBlock reserving(NicBlock block, String... ranges) {
        var reserved = Stream.of(ranges)
                .map(text -> text.split("=", 2))
                .map(parts -> {
                    var range = AddressRange.parse(parts[0]);
                    return new ReservedRange(range.first(), range.last(), parts.length == 1 ? null : parts[1]);
                })
                .toList();
        return new NicBlock(
                block.nic(),
                block.masterNet(),
                block.interfaceIndex(),
                block.hostIndex(),
                block.interfaceBlock(),
                block.podBlock(),
                block.excluded(),
                reserved);
    }

    public static AddressRequest request(Instant now, List<NicBlock> blocks, String... wanted) {
        var demands = Stream.of(blocks.toArray(NicBlock[]::new))
                .map(block -> new InterfaceDemand("net1-" + blocks.indexOf(block), List.of(block)))
                .toList();
        return new AddressRequest(
                "net", POD, demands, Stream.of(wanted).map(IpAddress::parse).toList(), now, REST);
    }
}
