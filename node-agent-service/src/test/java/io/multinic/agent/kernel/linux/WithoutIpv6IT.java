package io.multinic.agent.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.InterfaceAddress;
import io.multinic.agent.kernel.LinkEnd;
import io.multinic.agent.kernel.NetworkNamespace;
import io.multinic.agent.kernel.NetworkStack;
import io.multinic.agent.kernel.NewLink;
import io.multinic.agent.kernel.RouteFilter;
import io.multinic.agent.kernel.Rule;
import io.multinic.agent.nic.KernelNics;
import io.multinic.agent.nic.NicDiscovery;
import io.multinic.agent.nic.NicExclusions;
import io.multinic.agent.nic.SysfsDevices;
import io.multinic.agent.plan.FixedPlan;
import io.multinic.agent.route.RouteReconciler;
import io.multinic.agent.route.RouteTableNames;
import io.multinic.agent.route.plan.HostRoutesState.NetworkState;
import io.multinic.agent.route.plan.RouteFixtures;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpFamily;
import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A node whose kernel was started with `ipv6.disable=1`.
@Tag("uml")
@Tag("without-ipv6")
final class WithoutIpv6IT {
    private static final String SWITCHED_OFF = "switched off in this node's kernel";

    @TempDir
    private Path disk;

    private final LinuxKernel kernel = new LinuxKernel();
    private final NetworkNamespace node = kernel.createNamespace();
    private final NetworkStack stack = kernel.open(node);
    private int eth1;

    @BeforeEach
    void createLinks() {
        for (int n = 1; n <= 2; n++) {
            stack.apply(new Change.AddLink(new NewLink.Veth(
                    LinkEnd.of("eth" + n), LinkEnd.of("veth" + n).down())));
            stack.apply(
                    new Change.SetLinkUp(stack.link("veth" + n).orElseThrow().index(), true));
            int index = stack.link("eth" + n).orElseThrow().index();
            stack.apply(
                    new Change.AddAddress(InterfaceAddress.of(index, PrefixedAddress.parse("10.0." + n + ".1/24"))));
        }
        eth1 = stack.link("eth1").orElseThrow().index();
    }

    @AfterEach
    void close() {
        stack.close();
        node.close();
    }

    @Test
    void listsOfIpv6AreEmpty() {
        assertThat(stack.rules(IpFamily.IPV6)).isEmpty();
        assertThat(stack.routes(RouteFilter.all(IpFamily.IPV6))).isEmpty();
        assertThat(stack.addresses()).hasSize(2);
        assertThat(stack.neighbours(eth1)).isEmpty();
        kernel.warmUp();
    }

    @Test
    void changesOfIpv6AreRefusedWithReasonAndRemedy() {
        var address = InterfaceAddress.of(eth1, PrefixedAddress.parse("fd00::1/64"));
        var rule = Rule.to(Cidr.parse("fd00::/64"), 13_900, 13_900, 139);
        for (Change change : new Change[] {new Change.AddAddress(address), new Change.AddRule(rule)}) {
            assertThatThrownBy(() -> stack.apply(change))
                    .isInstanceOfSatisfying(
                            MultiNicException.class,
                            e -> assertThat(e.code()).isEqualTo(ErrorCode.KERNEL_LACKS_SUPPORT))
                    .hasMessageContaining(change.description())
                    .hasMessageContaining(SWITCHED_OFF);
        }
        assertThatThrownBy(() -> node.sysctl("net/ipv6/conf/eth1/disable_ipv6")).hasMessageContaining(SWITCHED_OFF);
    }

    @Test
    void networksOfIpv4HaveTheirRoutesAndThoseOfIpv6TheReason() {
        var plans = new FixedPlan();
        var nics = new KernelNics(
                stack, new SysfsDevices(Path.of("/sys")), new NicDiscovery(NicExclusions.of(NicExclusions.COMMON)));
        nics.refresh();
        var reconciler = new RouteReconciler(
                RouteFixtures.NODE, stack, plans, nics, new RouteTableNames(disk.resolve("names.conf")));
        plans.set(RouteFixtures.of(1, RouteFixtures.sample(3), RouteFixtures.sample("six", 1, "fd10::/48", 3)));

        var networks = reconciler.reconcile().orElseThrow().networks();

        assertThat(networks.getFirst()).isEqualTo(new NetworkState("multi-nic-sample", 2, 4, 4, ""));
        assertThat(networks.getLast().message()).contains("rule missing", SWITCHED_OFF);
    }
}
