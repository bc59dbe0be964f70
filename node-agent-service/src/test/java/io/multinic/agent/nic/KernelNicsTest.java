package io.multinic.agent.nic;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.EventGroup;
import io.multinic.agent.kernel.FakeKernel;
import io.multinic.agent.kernel.HardwareAddress;
import io.multinic.agent.kernel.InterfaceAddress;
import io.multinic.agent.kernel.Link;
import io.multinic.agent.kernel.NetworkStack;
import io.multinic.agent.kernel.NextHop;
import io.multinic.agent.kernel.Route;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.PrefixedAddress;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class KernelNicsTest {
    private final FakeKernel kernel = new FakeKernel();
    private final NetworkStack stack = kernel.ownStack();
    private final KernelNics nics = new KernelNics(
            stack,
            new SysfsDevices(Path.of("/proc/no/such/folder")),
            new NicDiscovery(NicExclusions.of(NicExclusions.COMMON)));
    private final AtomicInteger changes = new AtomicInteger();

    private Link nic(String name, String address) {
        Link link = kernel.addHardware(name, new HardwareAddress("02:00:00:00:00:01"), "");
        stack.apply(new Change.AddAddress(InterfaceAddress.of(link.index(), PrefixedAddress.parse(address))));
        return link;
    }

    private List<String> names() {
        return nics.nics().stream().map(NodeNic::name).toList();
    }

    @Test
    void managementNicIsExcluded() {
        Link management = nic("eth0", "172.16.0.5/16");
        stack.apply(new Change.AddRoute(
                Route.to(Cidr.parse("0.0.0.0/0"), 3, NextHop.via(IpAddress.parse("172.16.0.1"), management.index()))));
        nic("eth1", "10.0.1.1/24");

        nics.refresh();

        assertThat(names()).containsExactly("eth1");
    }

    @Test
    void listenersAreCalledForChangesOnly() {
        nics.onChange(changes::incrementAndGet);
        nic("eth1", "10.0.1.1/24");
        nics.refresh();
        nics.refresh();
        assertThat(changes).hasValue(1);

        nic("eth2", "10.0.2.1/24");
        nics.refresh();
        assertThat(changes).hasValue(2);
    }

    @Test
    void addressesAndDefaultRoutesConcernNicsAndOtherRoutesDoNot() {
        var concerning = new AtomicInteger();
        try (var _ = kernel.subscribe(kernel.ownNamespace(), EnumSet.allOf(EventGroup.class), event -> {
            if (nics.concerns(event)) {
                concerning.incrementAndGet();
            }
        })) {
            Link link = nic("eth1", "10.0.1.1/24");
            assertThat(concerning.getAndSet(0)).isPositive();

            NextHop gateway = NextHop.via(IpAddress.parse("10.0.1.254"), link.index());
            stack.apply(new Change.AddRoute(
                    Route.to(Cidr.parse("192.168.1.0/24"), 139, gateway).inTable(13_900)));
            stack.apply(new Change.AddRoute(
                    Route.to(Cidr.parse("0.0.0.0/0"), 139, gateway).inTable(13_900)));
            assertThat(concerning).hasValue(0);

            stack.apply(new Change.AddRoute(Route.to(Cidr.parse("0.0.0.0/0"), 4, gateway)));
            assertThat(concerning).hasValue(1);
        }
    }

    @Test
    void declaredNicsReplaceDiscoveryUntilWithdrawn() {
        nic("eth1", "10.0.1.1/24");
        nic("eth2", "10.0.2.1/24");
        NodeNic only = new NodeNic(
                "eth2",
                Cidr.parse("10.0.2.0/24"),
                IpAddress.parse("10.0.2.1"),
                List.of(),
                true,
                null,
                0,
                DeviceFacts.NONE);

        assertThat(nics.declare(Optional.of(List.of(only)))).isTrue();
        assertThat(nics.declare(Optional.of(List.of(only)))).isFalse();
        nics.refresh();
        assertThat(names()).containsExactly("eth2");
        assertThat(nics.nics().getFirst().linkUp()).isTrue();

        nics.declare(Optional.empty());
        nics.refresh();
        assertThat(names()).containsExactly("eth1", "eth2");
    }
}
