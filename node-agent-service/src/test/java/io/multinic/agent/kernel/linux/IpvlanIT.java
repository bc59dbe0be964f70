package io.multinic.agent.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.Errno;
import io.multinic.agent.kernel.InterfaceAddress;
import io.multinic.agent.kernel.Ipv4Setting;
import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.kernel.KernelException;
import io.multinic.agent.kernel.Link;
import io.multinic.agent.kernel.LinkEnd;
import io.multinic.agent.kernel.NewLink;
import io.multinic.agent.kernel.NextHop;
import io.multinic.agent.kernel.Route;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.PrefixedAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Tests ipvlan in its three modes, with traffic between pods.
@Tag("uml")
final class IpvlanIT {
    private static final int OURS = 201;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Kernel kernel = new LinuxKernel();
    private TestPod node;
    private TestPod one;
    private TestPod two;

    @BeforeEach
    void makePods() {
        node = new TestPod(kernel);
        one = new TestPod(kernel);
        two = new TestPod(kernel);
    }

    @AfterEach
    void closePods() {
        List.of(one, two, node).forEach(TestPod::close);
    }

    private static void attach(TestPod node, int nic, NewLink.IpvlanMode mode, TestPod pod) {
        node.stack.apply(new Change.AddLink(new NewLink.Ipvlan(nic, mode, pod.end("net1-0"))));
    }

    @ParameterizedTest
    @EnumSource(NewLink.IpvlanMode.class)
    void podsOnOneNicReachEachOther(NewLink.IpvlanMode mode) throws Exception {
        Link nic = node.nic();
        attach(node, nic.index(), mode, one);
        attach(node, nic.index(), mode, two);
        Link link = one.address("net1-0", "192.168.0.1/18");
        two.address("net1-0", "192.168.0.2/18");

        assertThat(link.kind()).isEqualTo("ipvlan");
        assertThat(link.mode()).isEqualTo(mode.text());
        assertThat(link.up()).isTrue();
        assertThat(link.address()).isEqualTo(nic.address());
        assertThat(link.parentIndex()).isEqualTo(nic.index());
        assertThat(one.echo(two, "192.168.0.2", PATIENCE)).isPositive();
        assertThat(two.echo(one, "192.168.0.1", PATIENCE)).isPositive();
    }

    /// The L3 sample network: each node routes the other node's block to the other node's NIC.
    @ParameterizedTest
    @EnumSource(
            value = NewLink.IpvlanMode.class,
            names = {"L3", "L3S"})
    void podsOnTwoNodesReachEachOtherOverTheirNodesRoutes(NewLink.IpvlanMode mode) throws Exception {
        try (var other = new TestPod(kernel)) {
            node.stack.apply(new Change.AddLink(
                    new NewLink.Veth(LinkEnd.of("eth1"), other.end("eth1").down())));
            setUpNode(node, "10.0.1.1/24", "192.168.1.0/24", "10.0.1.2");
            setUpNode(other, "10.0.1.2/24", "192.168.0.0/24", "10.0.1.1");
            attach(node, node.stack.link("eth1").orElseThrow().index(), mode, one);
            attach(other, other.stack.link("eth1").orElseThrow().index(), mode, two);
            one.address("net1-0", "192.168.0.1/18");
            two.address("net1-0", "192.168.1.1/18");

            assertThat(one.echo(two, "192.168.1.1", PATIENCE)).isPositive();
            assertThat(two.echo(one, "192.168.0.1", PATIENCE)).isPositive();
        }
    }

    private static void setUpNode(TestPod node, String address, String peerBlock, String peer) {
        int nic = node.stack.link("eth1").orElseThrow().index();
        node.stack.apply(
                new Change.SetLinkUp(nic, true),
                new Change.SetIpv4(nic, Map.of(Ipv4Setting.FORWARDING, 1)),
                new Change.AddAddress(InterfaceAddress.of(nic, PrefixedAddress.parse(address))),
                new Change.AddRoute(Route.to(Cidr.parse(peerBlock), OURS, NextHop.via(IpAddress.parse(peer), nic))));
    }

    @Test
    void ipvlanModeBelongsToTheParent() {
        int nic = node.nic().index();
        attach(node, nic, NewLink.IpvlanMode.L3, one);
        attach(node, nic, NewLink.IpvlanMode.L2, two);
        assertThat(one.stack.link("net1-0").orElseThrow().mode()).isEqualTo("l2");
    }

    @Test
    void ipvlanAndMacvlanExcludeEachOther() {
        int nic = node.nic().index();
        attach(node, nic, NewLink.IpvlanMode.L3, one);
        var macvlan = new NewLink.Macvlan(nic, NewLink.MacvlanMode.BRIDGE, two.end("net1-0"));
        var failure = catchThrowableOfType(KernelException.class, () -> node.stack.apply(new Change.AddLink(macvlan)));
        assertThat(failure.errno()).isEqualTo(Errno.EBUSY);
    }
}
