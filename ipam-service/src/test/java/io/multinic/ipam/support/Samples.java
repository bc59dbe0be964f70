package io.multinic.ipam.support;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.LedgerBatch;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.Nic;
import io.multinic.contract.wire.NodeInventory;
import io.multinic.contract.wire.PodRef;
import java.time.Instant;
import java.util.List;

/// The cluster of the demo: hosts with 10.0.1.n on eth1 and 10.0.2.n on eth2.
public final class Samples {
    public static final Instant T0 = Instant.parse("2026-11-24T08:00:00Z");

    private Samples() {}

    public static NetworkDefinition network(String name) {
        return network(name, "192.168.0.0/16", 6);
    }

    public static NetworkDefinition network(String name, String subnet, int hostBlock, String... excludes) {
        return new NetworkDefinition(
                name,
                List.of(Cidr.parse(subnet)),
                List.of(Cidr.parse("10.0.1.0/24"), Cidr.parse("10.0.2.0/24")),
                2,
                hostBlock,
                List.of(excludes).stream().map(Cidr::parse).toList(),
                true);
    }

    public static NodeInventory node(int n) {
        return new NodeInventory(
                "uid-" + n, List.of(nic("eth1", "10.0.1." + n + "/24"), nic("eth2", "10.0.2." + n + "/24")));
    }

    public static Nic nic(String name, String address) {
        return new Nic(name, List.of(PrefixedAddress.parse(address)));
    }

    public static Allocation allocation(String network, String address, String container) {
        return new Allocation(
                network,
                IpAddress.parse(address),
                "eth1",
                new PodRef("default", "pod-" + container, ""),
                container,
                "net1",
                "net1-0");
    }

    public static LedgerEvent allocated(long sequence, String address, String container) {
        return new LedgerEvent(
                sequence, LedgerEvent.Type.ALLOCATED, T0.plusSeconds(sequence), allocation("net", address, container));
    }

    public static LedgerEvent freed(long sequence, String address, String container) {
        return new LedgerEvent(
                sequence, LedgerEvent.Type.FREED, T0.plusSeconds(sequence), allocation("net", address, container));
    }

    public static LedgerBatch batch(int node, long epoch, LedgerEvent... events) {
        return new LedgerBatch("uid-" + node, epoch, List.of(events));
    }
}
