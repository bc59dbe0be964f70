package io.multinic.agent.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.Ipv4Setting;
import io.multinic.agent.kernel.Kernel;
import io.multinic.agent.kernel.Link;
import io.multinic.agent.kernel.LinkEnd;
import io.multinic.agent.kernel.Neighbour;
import io.multinic.agent.kernel.NewLink;
import io.multinic.agent.kernel.NextHop;
import io.multinic.agent.kernel.Route;
import io.multinic.agent.kernel.Rule;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Sends packets over the created links: pods and their node are namespaces. Needs root.
final class TrafficIT {
    private static final int OURS = 201;
    private static final int TABLE = 70_001;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

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
        node.close();
        one.close();
        two.close();
    }

    @Test
    void podsOnMacvlansOfOneNicReachEachOther() throws Exception {
        int nic = node.nic().index();
        for (var pod : new TestPod[] {one, two}) {
            node.stack.apply(
                    new Change.AddLink(new NewLink.Macvlan(nic, NewLink.MacvlanMode.BRIDGE, pod.end("net1-0"))));
        }
        one.address("net1-0", "192.168.0.1/18");
        two.address("net1-0", "192.168.0.2/18");
        assertThat(one.echo(two, "192.168.0.2", PATIENCE)).isPositive();
        assertThat(two.echo(one, "192.168.0.1", PATIENCE)).isPositive();
    }

    /// A routed veth for each pod: the node answers ARP for the whole on-link block and routes to the other pod.
    @Test
    void podsOnRoutedVethsReachEachOtherThroughTheNodeWithoutProxyDelay() throws Exception {
        attachRouted(one, "mnic1", "192.168.0.1");
        attachRouted(two, "mnic2", "192.168.0.2");
        assertThat(node.namespace.sysctl("net/ipv4/ip_forward"))
                .as("forwarding is a matter of the two links only")
                .isEqualTo("0");
        for (String hostEnd : new String[] {"mnic1", "mnic2"}) {
            assertThat(node.namespace.sysctl("net/ipv4/neigh/" + hostEnd + "/proxy_delay"))
                    .as("by default the kernel holds each proxied answer back for up to 0.8 s")
                    .isEqualTo("0");
        }

        assertThat(one.echo(two, "192.168.0.2", PATIENCE)).isPositive();
        assertThat(two.echo(one, "192.168.0.1", PATIENCE)).isPositive();
    }

    private void attachRouted(TestPod pod, String hostEnd, String address) {
        node.stack.apply(new Change.AddLink(
                new NewLink.Veth(pod.end("net1-0"), LinkEnd.of(hostEnd).down())));
        Link inner = pod.address("net1-0", address + "/18");
        int outer = inner.parentIndex();
        node.stack.apply(
                new Change.SetLinkUp(outer, true),
                new Change.SetIpv4(outer, Map.of(Ipv4Setting.PROXY_ARP, 1, Ipv4Setting.FORWARDING, 1)),
                new Change.SetProxyDelay(outer, Duration.ZERO),
                new Change.AddRoute(Route.to(Cidr.parse(address + "/32"), OURS, NextHop.dev(outer))));
    }

    @Test
    void ipv6PodsOnRoutedVethsReachEachOtherByProxyNeighbours() throws Exception {
        node.namespace.setSysctl("net/ipv6/conf/all/forwarding", "1");
        attachRouted6(one, "mnic1", "fd00::1", "fd00::2");
        attachRouted6(two, "mnic2", "fd00::2", "fd00::1");
        assertThat(one.echo(two, "fd00::2", PATIENCE)).isPositive();
    }

    private void attachRouted6(TestPod pod, String hostEnd, String address, String other) {
        node.stack.apply(new Change.AddLink(
                new NewLink.Veth(pod.end("net1-0"), LinkEnd.of(hostEnd).down())));
        int outer = pod.address("net1-0", address + "/64").parentIndex();
        node.namespace.setSysctl("net/ipv6/conf/" + hostEnd + "/proxy_ndp", "1");
        node.namespace.setSysctl("net/ipv6/neigh/" + hostEnd + "/proxy_delay", "0");
        node.stack.apply(
                new Change.SetLinkUp(outer, true),
                new Change.ReplaceNeighbour(Neighbour.proxy(outer, IpAddress.parse(other))),
                new Change.AddRoute(Route.to(Cidr.parse(address + "/128"), OURS, NextHop.dev(outer))));
    }

    /// As in an L3 network: the route is only in a table of its own, which a rule selects.
    @Test
    void ruleDirectsPacketsToTheTableOfTheNetwork() throws Exception {
        attachRouted(one, "mnic1", "10.1.0.1");
        attachRouted(two, "mnic2", "10.2.0.1");
        var inPodOne = NextHop.dev(one.stack.link("net1-0").orElseThrow().index());
        one.stack.apply(new Change.AddRoute(
                Route.to(Cidr.parse("192.168.0.0/18"), OURS, inPodOne).inTable(TABLE)));
        int toTwo = node.stack.link("mnic2").orElseThrow().index();
        node.stack.apply(new Change.AddRoute(
                Route.to(Cidr.parse("192.168.0.2/32"), OURS, NextHop.dev(toTwo)).inTable(TABLE)));
        two.address("net1-0", "192.168.0.2/18");
        two.stack.apply(new Change.AddRoute(Route.to(
                Cidr.parse("10.1.0.1/32"),
                OURS,
                NextHop.dev(two.stack.link("net1-0").orElseThrow().index()))));
        var rule = Rule.to(Cidr.parse("192.168.0.0/16"), TABLE, 2000, OURS);

        assertThat(reaches("192.168.0.2")).as("no rule").isFalse();
        one.stack.apply(new Change.AddRule(rule));
        assertThat(reaches("192.168.0.2")).as("the pod's rule alone").isFalse();
        node.stack.apply(new Change.AddRule(rule));
        assertThat(reaches("192.168.0.2")).as("the pod's rule and the node's").isTrue();
    }

    private boolean reaches(String address) throws Exception {
        try {
            one.echo(two, address, Duration.ofSeconds(2));
            return true;
        } catch (SocketTimeoutException unanswered) {
            return false;
        } catch (SocketException e) {
            assertThat(e).hasMessageContaining("unreachable");
            return false;
        }
    }
}
