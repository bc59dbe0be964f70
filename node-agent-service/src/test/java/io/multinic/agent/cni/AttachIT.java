package io.multinic.agent.cni;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.attach.reconcile.ForwardingReconciler;
import io.multinic.agent.journal.AttachmentKey;
import io.multinic.agent.kernel.Change;
import io.multinic.agent.kernel.LinkEnd;
import io.multinic.agent.kernel.NewLink;
import io.multinic.agent.kernel.Route;
import io.multinic.agent.kernel.RouteFilter;
import io.multinic.agent.kernel.linux.NftablesFilter;
import io.multinic.agent.kernel.nftables.ForwardChain.Accepts;
import io.multinic.agent.route.plan.TableNumbers;
import io.multinic.contract.address.IpFamily;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.NodePlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Attaches pods of two nodes with two NICs each, in the real kernel. Needs root.
@Timeout(60)
class AttachIT {
    @TempDir
    private Path directory;

    private TestNode node;
    private TestNode peer;
    private TestNamespace pod;
    private TestNamespace other;

    @BeforeEach
    void makeNodes() {
        node = new TestNode(directory, 0);
        peer = new TestNode(directory, 1);
        TestNode.cable(node, peer, 1);
        TestNode.cable(node, peer, 2);
        pod = TestNode.pod();
        other = TestNode.pod();
        plan(SamplePlans.sample(0, 2), SamplePlans.sample(1, 2));
    }

    private void plan(NodePlan ofNode, NodePlan ofPeer) {
        node.plan.set(ofNode);
        peer.plan.set(ofPeer);
        node.reconcileRoutes();
        peer.reconcileRoutes();
    }

    @AfterEach
    void tearDown() {
        List.of(pod, other).forEach(TestNamespace::close);
        List.of(node, peer).forEach(TestNode::close);
    }

    private static void assertOk(CniCall.Answer answer) {
        assertThat(answer.code()).as(answer.text()).isZero();
    }

    private List<String> live(TestNode of) {
        return of.journal.outbox().live().stream()
                .map(held -> held.address().toString())
                .toList();
    }

    /// Asserts that no interface, host end, address or record of an attachment exists.
    private void assertNothingLeft() {
        assertThat(pod.links()).isEmpty();
        assertThat(node.host.links()).containsExactly("eth1", "eth2");
        assertThat(live(node)).isEmpty();
        assertThat(node.journal.allocations().attachments()).isEmpty();
        assertThat(podRoutes()).isEmpty();
    }

    private List<Route> podRoutes() {
        return node.host.stack.routes(
                RouteFilter.all(IpFamily.IPV4).table(13_900).protocol(TableNumbers.POD_PROTOCOL));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ptp", "macvlan"})
    void podsOfTwoNodesReachEachOtherOverEveryNic(String plugin) {
        var here = CniCall.add("a", pod, plugin).on(node);
        var there = CniCall.add("b", other, plugin).on(peer);
        assertOk(here);
        assertOk(there);
        assertThat(List.of(here.address(0), here.address(1))).containsExactly("192.168.0.1/18", "192.168.64.1/18");
        assertThat(List.of(there.address(0), there.address(1))).containsExactly("192.168.1.0/18", "192.168.65.0/18");
        assertThat(pod.links()).containsExactly("net1-0", "net1-1");
        for (int nic = 0; nic < 2; nic++) {
            assertThat(pod.ping(there.ip(nic))).isEmpty();
            assertThat(other.ping(here.ip(nic))).isEmpty();
        }
        assertOk(CniCall.del("a", pod.netns()).on(node));
        assertNothingLeft();
    }

    @Test
    void failedAddsUseNoAddressesAndReachTheLedgerNever() {
        for (int i = 0; i < 20; i++) {
            var call = CniCall.add("failed" + i, pod, "macvlan");
            call.config.withObject("/plugin").put("mtu", 60_000);
            assertThat(call.on(node).code()).isNotZero();
            assertOk(CniCall.del("failed" + i, pod.netns()).on(node));
        }
        assertNothingLeft();
        assertThat(node.journal.outbox().written()).isZero();
        var plan = node.plan.plan().orElseThrow().networks().getFirst();
        long free = plan.blocks().getFirst().podBlock().size();
        assertThat(free).isGreaterThan(20);
        var added = CniCall.add("a", pod, "macvlan").on(node);
        assertOk(added);
        assertThat(node.journal.outbox().pending(10)).hasSize(2);
    }

    @Test
    void podGetsItsNamedAddressAfterAReboot() {
        String args = "IgnoreUnknown=true;K8S_POD_NAMESPACE=default;K8S_POD_NAME=db-0;K8S_POD_UID=u7;IP=192.168.0.9";
        assertOk(CniCall.add("before", pod, "macvlan").header("Cni-Args", args).on(node));
        pod.close();
        pod = TestNode.pod();
        node.boot = "second boot";
        node.restart();
        var added =
                CniCall.add("after", pod, "macvlan").header("Cni-Args", args).on(node);
        assertOk(added);
        assertThat(added.ip(0)).isEqualTo("192.168.0.9");
        assertOk(CniCall.del("before", "").on(node));
        assertThat(live(node)).containsExactly("192.168.0.9", "192.168.64.1");
        assertThat(pod.links()).containsExactly("net1-0", "net1-1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ptp", "macvlan"})
    void podsOfOneNodeReachEachOther(String plugin) {
        assertOk(CniCall.add("a", pod, plugin).on(node));
        var second = CniCall.add("b", other, plugin).on(node);
        assertOk(second);
        assertThat(pod.ping(second.ip(0))).isEmpty();
        assertThat(pod.ping(second.ip(1))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ptp", "macvlan"})
    void bothFamiliesReachTheOtherNode(String plugin) throws InterruptedException {
        node.awaitLinkLocal();
        peer.awaitLinkLocal();
        plan(SamplePlans.dualStack(0, 2), SamplePlans.dualStack(1, 2));
        var here = CniCall.add("a", pod, plugin).on(node);
        var there = CniCall.add("b", other, plugin).on(peer);
        assertOk(here);
        assertOk(there);
        assertThat(IntStream.range(0, 4).mapToObj(here::address))
                .containsExactly("192.168.0.1/18", "fd10::1/50", "192.168.64.1/18", "fd10:0:0:4000::1/50");
        for (int i = 0; i < 4; i++) {
            assertThat(pod.ping(there.ip(i))).isEmpty();
        }
        assertOk(check("a").on(node));
    }

    /// Host-subnet mode, L3 and L2: pods have addresses of the hosts' networks; all pods and hosts reach each
    /// other.
    @ParameterizedTest
    @ValueSource(strings = {"ptp", "macvlan"})
    void podsAndHostsReachEachOtherInHostSubnetMode(String plugin) {
        boolean routed = plugin.equals("ptp");
        plan(SamplePlans.hostSubnet(0, 2, routed), SamplePlans.hostSubnet(1, 2, routed));
        var here = CniCall.add("a", pod, plugin).on(node);
        var there = CniCall.add("b", other, plugin).on(peer);
        assertOk(here);
        assertOk(there);
        assertThat(List.of(here.address(0), here.address(1))).containsExactly("10.0.1.3/24", "10.0.2.3/24");
        assertThat(List.of(there.address(0), there.address(1))).containsExactly("10.0.1.64/24", "10.0.2.64/24");
        for (int nic = 0; nic < 2; nic++) {
            assertThat(pod.ping(there.ip(nic))).isEmpty();
            assertThat(other.ping(here.ip(nic))).isEmpty();
            String hosts = "10.0." + (nic + 1) + ".";
            assertThat(node.host.ping(hosts + "2")).as("host to host").isEmpty();
            assertThat(peer.host.ping(hosts + "1"))
                    .as("host to a host in whose block it is")
                    .isEmpty();
            assertThat(pod.ping(hosts + "2")).as("pod to the other host").isEmpty();
            assertThat(other.ping(hosts + "1")).as("pod to the other host").isEmpty();
            assertThat(peer.host.ping(here.ip(nic)))
                    .as("host to the other host's pod")
                    .isEmpty();
        }
        assertOk(CniCall.del("a", pod.netns()).on(node));
        assertNothingLeft();
    }

    @Test
    void resultNamesInterfacesWithSandboxAndHostEnds() {
        var json = CniCall.add("a", pod, "ptp").on(node).json();
        assertThat(json.path("cniVersion").asString()).isEqualTo("1.0.0");
        assertThat(json.path("interfaces").size()).isEqualTo(4);
        assertThat(json.at("/interfaces/0/name").asString()).isEqualTo("net1-0");
        assertThat(json.at("/interfaces/0/sandbox").asString()).isEqualTo(pod.netns());
        assertThat(json.at("/interfaces/0/mac").asString())
                .isEqualTo(String.valueOf(pod.stack.link("net1-0").orElseThrow().address()));
        assertThat(json.at("/interfaces/2/name").asString()).startsWith("mnv").hasSize(15);
        assertThat(json.at("/interfaces/2").has("sandbox")).isFalse();
        assertThat(json.at("/ips/1/interface").asInt()).isOne();
    }

    @Test
    void podGetsTheRequestedNicsInRequestOrder() {
        assertOk(CniCall.add("a", pod, "macvlan")
                .podArgs("{\"masters\":[\"eth2\"]}")
                .on(node));
        assertThat(pod.links()).containsExactly("net1-0");
        assertThat(live(node)).containsExactly("192.168.64.1");
        assertOk(CniCall.add("b", other, "macvlan").podArgs("{\"nics\":1}").on(node));
        assertThat(live(node)).containsExactly("192.168.64.1", "192.168.0.1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ptp", "macvlan"})
    void podGetsTheRequestedHardwareAddress(String plugin) {
        var call = CniCall.add("a", pod, plugin);
        call.header("Cni-Args", call.headers.get("Cni-Args") + ";MAC=02:00:00:00:00:42");
        assertThat(call.on(node).message()).contains("02:00:00:00:00:42", "net1-0, net1-1", "nics");
        var answer = call.podArgs("{\"nics\":1}").on(node);
        assertOk(answer);
        assertThat(answer.json().at("/interfaces/0/mac").asString()).isEqualTo("02:00:00:00:00:42");
        assertThat(String.valueOf(pod.stack.link("net1-0").orElseThrow().address()))
                .isEqualTo("02:00:00:00:00:42");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ipvlan  | {\"mac\":\"02:00:00:00:00:42\"}              | share the hardware address",
                "macvlan | {\"mac\":\"01:00:00:00:00:42\"}              | multicast",
                "macvlan | {\"bandwidth\":{\"ingressRate\":1}}          | runtimeConfig.bandwidth",
                "ptp     | {\"portMappings\":[{\"hostPort\":80}]}       | runtimeConfig.portMappings",
                "macvlan | {\"ipamClaimReference\":\"vm-7\"}           | runtimeConfig ipamClaimReference",
                "macvlan | {\"infinibandGUID\":\"c2:11:22:33:44:55:66:77\"} | runtimeConfig.infinibandGUID",
            })
    void runtimeValueThatTheDriverCannotApplyIsRefused(String plugin, String runtimeConfig, String reason) {
        var call = CniCall.add("a", pod, plugin).podArgs("{\"nics\":1}");
        call.config.set("runtimeConfig", CniCall.JSON.readTree(runtimeConfig));
        var answer = call.on(node);
        assertThat(answer.code()).isEqualTo(ErrorCode.INVALID_NETWORK_CONFIG.cniCode());
        assertThat(answer.message()).contains(reason, "multi-nic-sample");
        assertThat(pod.links()).isEmpty();
    }

    @Test
    void claimOfThePodIsRefusedByName() {
        var answer = CniCall.add("a", pod, "macvlan")
                .podArgs("{\"ipam-claim-reference\":\"vm-7\"}")
                .on(node);
        assertThat(answer.code()).isEqualTo(ErrorCode.INVALID_NETWORK_CONFIG.cniCode());
        assertThat(answer.message()).contains("ipam-claim-reference", "vm-7", "ips");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ptp", "macvlan"})
    void singleInterfaceHasTheRequestedName(String plugin) {
        var one = CniCall.add("a", pod, plugin)
                .header("Cni-Ifname", "fifteen-chars-1")
                .podArgs("{\"nics\":1}");
        var answer = one.on(node);
        assertOk(answer);
        assertThat(pod.links()).containsExactly("fifteen-chars-1");
        assertThat(answer.json().at("/interfaces/0/name").asString()).isEqualTo("fifteen-chars-1");
        assertOk(check("a").header("Cni-Ifname", "fifteen-chars-1").on(node));
        var several = CniCall.add("b", other, plugin).header("Cni-Ifname", "fifteen-chars-1");
        assertThat(several.on(node).message()).contains("fifteen-chars-1-0", "2 interfaces", "nics");
        assertOk(several.header("Cni-Ifname", "rail").on(node));
        assertThat(other.links()).containsExactly("rail-0", "rail-1");
        assertOk(CniCall.del("a", pod.netns())
                .header("Cni-Ifname", "fifteen-chars-1")
                .on(node));
        assertThat(pod.links()).isEmpty();
        assertThat(live(node)).hasSize(2);
    }

    @Test
    void podGetsTheRequestedAddress() {
        var call = CniCall.add("a", pod, "macvlan");
        call.header("Cni-Args", call.headers.get("Cni-Args") + ";IP=192.168.64.77,192.168.0.9/18");
        assertOk(call.on(node));
        assertThat(live(node)).containsExactly("192.168.0.9", "192.168.64.77");
        var again = CniCall.add("b", other, "macvlan");
        again.config.putObject("runtimeConfig").putArray("ips").add("192.168.64.77/18");
        var refused = again.on(node);
        assertThat(refused.code()).isEqualTo(ErrorCode.ADDRESS_UNAVAILABLE.cniCode());
        assertThat(refused.message()).contains("192.168.64.77", "default/pod-a");
    }

    @Test
    void mtuAndModeAreApplied() {
        var call = CniCall.add("a", pod, "macvlan");
        call.config.withObject("/plugin").put("mode", "private").put("mtu", "1400");
        assertOk(call.on(node));
        var link = pod.stack.link("net1-0").orElseThrow();
        assertThat(link.mtu()).isEqualTo(1400);
        assertThat(link.mode()).isEqualTo("private");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ptp", "macvlan"})
    void podIgnoresRouterAdvertisements(String plugin) {
        pod.namespace.setSysctl("net/ipv6/conf/default/accept_ra", "2");
        assertOk(CniCall.add("a", pod, plugin).on(node));
        for (String link : List.of("net1-0", "net1-1")) {
            assertThat(pod.namespace.sysctl("net/ipv6/conf/" + link + "/accept_ra"))
                    .isEqualTo("0");
            assertThat(pod.namespace.sysctl("net/ipv6/conf/" + link + "/autoconf"))
                    .isEqualTo("0");
        }
    }

    @Test
    void podAcceptsRouterAdvertisementsIfTheNetworkRequestsIt() {
        pod.namespace.setSysctl("net/ipv6/conf/default/accept_ra", "2");
        var call = CniCall.add("a", pod, "macvlan");
        call.config.withObject("/plugin").put("acceptRA", "true");
        assertOk(call.on(node));
        assertThat(pod.namespace.sysctl("net/ipv6/conf/net1-0/accept_ra")).isEqualTo("2");
        assertThat(pod.namespace.sysctl("net/ipv6/conf/net1-0/autoconf")).isEqualTo("1");
        var wrong = CniCall.add("b", other, "macvlan");
        wrong.config.withObject("/plugin").put("acceptRA", "sometimes");
        assertThat(wrong.on(node).message()).contains("acceptRA", "sometimes");
    }

    @Test
    void routesOfOneDestinationBecomeMultipath() {
        var call = CniCall.add("a", pod, "macvlan");
        call.config.withObject("/ipam").set("routes", CniCall.JSON.readTree("""
                        [{"dst":"172.30.0.0/16","gw":"192.168.0.250"},{"dst":"172.30.0.0/16","gw":"192.168.64.250"},
                         {"dst":"172.31.0.0/16","gw":"10.0.1.254"}]"""));
        assertOk(call.on(node));
        var routes = pod.stack.routes(RouteFilter.all(IpFamily.IPV4).protocol(4));
        assertThat(routes)
                .extracting(
                        route -> route.destination() + " " + route.nextHops().size())
                .containsExactlyInAnyOrder("172.30.0.0/16 2", "172.31.0.0/16 1");
        assertOk(check("a").on(node));
    }

    private ForwardingReconciler forwarding() {
        return new ForwardingReconciler(node.host.stack, () -> NftablesFilter.open(node.host.namespace));
    }

    private int acceptRules() {
        try (var filter = NftablesFilter.open(node.host.namespace)) {
            return (int) filter.forwardChains("mnv").stream()
                    .flatMap(chain -> chain.rules().stream())
                    .filter(rule -> rule.accepts() != Accepts.NONE)
                    .count();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "iptables -P FORWARD DROP",
                "iptables -N DOCKER-USER; iptables -A FORWARD -j DOCKER-USER; iptables -A FORWARD -i x -j ACCEPT;"
                        + " iptables -P FORWARD DROP",
                "nft add table inet f; nft 'add chain inet f forward { type filter hook forward priority 10; }';"
                        + " nft add rule inet f forward ct state invalid drop;"
                        + " nft add rule inet f forward counter reject with icmpx admin-prohibited",
            })
    void routedPodsPassAForwardChainThatDropsByDefault(String setUp) {
        assertThat(node.host.run("sh", "-ec", setUp)).isEmpty();
        assertOk(CniCall.add("a", pod, "ptp").on(node));
        var there = CniCall.add("b", other, "ptp").on(peer);
        assertThat(pod.ping(there.ip(0))).isNotEmpty();
        try (var forwarding = forwarding()) {
            assertThat(forwarding.reconcile()).isTrue();
            assertThat(pod.ping(there.ip(0))).isEmpty();
            assertThat(pod.ping(there.ip(1))).isEmpty();
            assertThat(acceptRules()).isEqualTo(2);
            assertThat(forwarding.reconcile()).isTrue();
            assertThat(acceptRules()).as("after another run").isEqualTo(2);
            assertThat(node.host.run("iptables", "-S"))
                    .as("iptables reads its table")
                    .isEmpty();

            assertOk(CniCall.del("a", pod.netns()).on(node));
            assertThat(forwarding.reconcile()).isTrue();
            assertThat(acceptRules()).as("without host ends").isZero();
        }
    }

    @Test
    void packetFilterWithoutDropsStaysUnchanged() {
        assertThat(node.host.run("iptables", "-A", "FORWARD", "-i", "x", "-j", "DROP"))
                .isEmpty();
        assertOk(CniCall.add("a", pod, "ptp").on(node));
        try (var forwarding = forwarding()) {
            assertThat(forwarding.reconcile()).isTrue();
            assertThat(acceptRules()).isZero();
        }
    }

    private CniCall withDefaultRoute(String plugin) {
        var call = CniCall.add("a", pod, plugin);
        call.config.withObject("/ipam").set("routes", CniCall.JSON.readTree("""
                        [{"dst":"0.0.0.0/0","gw":"192.168.0.250"},{"dst":"172.31.0.0/16","gw":"192.168.0.251"}]"""));
        return call;
    }

    private List<String> defaultRoutes() {
        return pod.stack.routes(RouteFilter.all(IpFamily.IPV4).table(Route.MAIN_TABLE)).stream()
                .filter(route -> route.destination().prefixLength() == 0)
                .map(route -> String.valueOf(route.nextHops().getFirst().gateway()))
                .toList();
    }

    private void givePodADefaultRoute() {
        pod.run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "outside");
        pod.run("ip", "link", "set", "eth0", "up");
        pod.run("ip", "address", "add", "10.244.0.5/24", "dev", "eth0");
        pod.run("ip", "route", "add", "default", "via", "10.244.0.1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ptp", "macvlan"})
    void defaultRouteOfTheNetworkLeavesTheOneThatThePodHas(String plugin) {
        givePodADefaultRoute();
        var added = withDefaultRoute(plugin).on(node);
        assertOk(added);
        assertThat(defaultRoutes()).containsExactly("10.244.0.1");
        assertThat(added.json().path("routes").toString())
                .contains("172.31.0.0/16")
                .doesNotContain("0.0.0.0/0");
        assertOk(check("a").on(node));
        assertThat(withDefaultRoute(plugin).on(node)).isEqualTo(added);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ptp", "macvlan"})
    void defaultRouteOfTheNetworkIsAddedWhereThePodHasNone(String plugin) {
        assertOk(withDefaultRoute(plugin).on(node));
        assertThat(defaultRoutes()).containsExactly("192.168.0.250");
        assertOk(check("a").on(node));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ptp", "macvlan"})
    void defaultRouteIsReplacedOnRequestOfThePodOrTheNetwork(String plugin) {
        givePodADefaultRoute();
        assertOk(withDefaultRoute(plugin)
                .podArgs("{\"default-route\":[\"192.168.0.252\"]}")
                .on(node));
        assertThat(defaultRoutes()).containsExactly("192.168.0.252");
        assertOk(CniCall.del("a", pod.netns()).on(node));
        pod.run("ip", "route", "replace", "default", "via", "10.244.0.1");
        var byNetwork = withDefaultRoute(plugin).header("Cni-Containerid", "b");
        byNetwork.config.withObject("/ipam").put("defaultRoute", true);
        assertOk(byNetwork.on(node));
        assertThat(defaultRoutes()).containsExactly("192.168.0.250");
    }

    private CniCall check(String containerId) {
        return CniCall.of("CHECK", containerId, pod.netns(), "macvlan");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ptp", "macvlan"})
    void retriedAddReturnsTheSameResult(String plugin) {
        var first = CniCall.add("a", pod, plugin).on(node);
        assertThat(CniCall.add("a", pod, plugin).on(node)).isEqualTo(first);
        node.restart();
        assertThat(CniCall.add("a", pod, plugin).on(node)).isEqualTo(first);
        assertThat(node.journal.outbox().pending(10)).hasSize(2);
    }

    @Test
    void addWithADifferentConfigurationIsRefused() {
        assertOk(CniCall.add("a", pod, "macvlan").on(node));
        assertThat(CniCall.add("a", pod, "macvlan")
                        .podArgs("{\"nics\":1}")
                        .on(node)
                        .code())
                .isEqualTo(ErrorCode.ATTACHMENT_DIFFERS.cniCode());
        assertThat(pod.links()).hasSize(2);
    }

    @Test
    void addIntoANewSandboxOfTheSameNameReplacesTheAttachment() {
        assertOk(CniCall.add("a", pod, "ptp").on(node));
        assertOk(CniCall.add("a", other, "ptp").on(node));
        assertThat(other.links()).containsExactly("net1-0", "net1-1");
        assertThat(pod.links()).isEmpty();
        assertThat(live(node)).hasSize(2);
    }

    @Test
    void addRepairsAnAttachmentThatLostAnInterface() {
        assertOk(CniCall.add("a", pod, "macvlan").on(node));
        pod.stack.deleteLinks(List.of(pod.stack.link("net1-1").orElseThrow().index()));
        assertOk(CniCall.add("a", pod, "macvlan").on(node));
        assertThat(pod.links()).containsExactly("net1-0", "net1-1");
        assertThat(live(node)).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ptp", "macvlan"})
    void repeatedDeletionSucceeds(String plugin) {
        CniCall.add("a", pod, plugin).on(node);
        assertOk(CniCall.del("a", pod.netns()).on(node));
        assertOk(CniCall.del("a", pod.netns()).on(node));
        assertNothingLeft();
        assertThat(node.journal.outbox().pending(10))
                .extracting(LedgerEvent::type)
                .containsExactly(
                        LedgerEvent.Type.ALLOCATED,
                        LedgerEvent.Type.ALLOCATED,
                        LedgerEvent.Type.FREED,
                        LedgerEvent.Type.FREED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ptp", "macvlan"})
    void deletionNeedsNoNamespaceConfigurationOrNic(String plugin) {
        CniCall.add("a", pod, plugin).on(node);
        node.host.stack.deleteLinks(
                List.of(node.host.stack.link("eth1").orElseThrow().index()));
        node.plan.set(new NodePlan("node0", "uid0", 2, List.of()));
        var call = CniCall.del("a", "").raw("not even JSON");
        assertOk(call.on(node));
        assertThat(live(node)).isEmpty();
        assertThat(pod.links()).isEmpty();
        assertThat(node.host.links()).containsExactly("eth2");
    }

    @Test
    void deletionWithoutASandboxRemovesTheHostEnds() {
        var gone = TestNode.pod();
        assertOk(CniCall.add("a", gone, "ptp").on(node));
        assertThat(node.host.links()).hasSize(4);
        String netns = gone.netns();
        gone.close();
        assertOk(CniCall.del("a", netns).on(node));
        assertNothingLeft();
    }

    @Test
    void deletionChangesNothingInAnotherNamespaceAtTheRecordedPath() throws IOException {
        Path place = directory.resolve("netns");
        Files.createSymbolicLink(place, pod.namespace.path());
        assertOk(CniCall.of("ADD", "a", place.toString(), "macvlan").on(node));
        assertThat(pod.links()).containsExactly("net1-0", "net1-1");
        assertOk(CniCall.add("b", other, "macvlan").on(peer));
        Files.delete(place);
        Files.createSymbolicLink(place, other.namespace.path());
        assertOk(CniCall.del("a", place.toString()).on(node));
        assertThat(other.links()).containsExactly("net1-0", "net1-1");
        assertThat(live(node)).isEmpty();
    }

    @Test
    void addAfterItsDeletionIsRefused() {
        assertOk(CniCall.del("a", pod.netns()).on(node));
        var late = CniCall.add("a", pod, "ptp").on(node);
        assertThat(late.code()).isEqualTo(ErrorCode.ATTACHMENT_DELETED.cniCode());
        assertNothingLeft();
    }

    @Test
    void failureOnTheSecondNicLeavesNothingBehind() {
        node.host.stack.apply(
                new Change.DeleteLink(node.host.stack.link("eth2").orElseThrow().index()));
        var answer = CniCall.add("a", pod, "ptp")
                .podArgs("{\"masters\":[\"eth1\",\"eth2\"]}")
                .on(node);
        assertThat(answer.code()).isEqualTo(ErrorCode.MASTER_UNKNOWN.cniCode());
        assertThat(answer.message()).contains("eth2");
        assertThat(pod.links()).isEmpty();
        assertThat(node.host.links()).containsExactly("eth1");
        assertThat(live(node)).isEmpty();
    }

    /// The first interface exists when the second is refused, because only eth1 supports the MTU.
    @Test
    void interfaceCreatedBeforeTheFailureIsRemoved() {
        int eth1 = node.host.stack.link("eth1").orElseThrow().index();
        node.host.stack.apply(new Change.SetLinkMtu(eth1, 9000));
        var call = CniCall.add("a", pod, "macvlan");
        call.config.withObject("/plugin").put("mtu", 8000);
        assertThat(call.on(node).code()).isEqualTo(ErrorCode.KERNEL_REFUSED.cniCode());
        assertNothingLeft();
        assertOk(CniCall.add("a", pod, "macvlan").on(node));
    }

    @Test
    void existingInterfaceOfTheSameNameIsNeitherUsedNorRemoved() {
        pod.run("ip", "link", "add", "net1-1", "type", "veth", "peer", "name", "x");
        var answer = CniCall.add("a", pod, "macvlan").on(node);
        assertThat(answer.code()).isEqualTo(ErrorCode.NETNS_UNUSABLE.cniCode());
        assertThat(answer.message()).contains("net1-1");
        assertThat(pod.links()).containsExactly("net1-1", "x");
        assertThat(live(node)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ptp", "macvlan"})
    void checkNamesAllDefects(String plugin) {
        var added = CniCall.add("a", pod, plugin).on(node);
        var check = check("a");
        check.config.set("prevResult", added.json());
        assertOk(check.on(node));
        pod.run("ip", "address", "flush", "dev", "net1-1");
        var broken = check.on(node);
        assertThat(broken.code()).isEqualTo(ErrorCode.ATTACHMENT_BROKEN.cniCode());
        assertThat(broken.message()).contains("net1-1", "192.168.64.1/18");
        pod.run("ip", "link", "del", "net1-1");
        assertThat(check.on(node).message()).contains("net1-1 is missing");
    }

    @Test
    void checkReportsAMissingHostRouteToThePod() {
        CniCall.add("a", pod, "ptp").on(node);
        node.host.stack.apply(new Change.DeleteRoute(podRoutes().getFirst()));
        assertThat(check("a").on(node).message()).contains("the host lacks route 192.168.0.1/32");
    }

    @Test
    void checkRefusesAnUnknownAttachmentAndADifferentPreviousResult() {
        assertThat(check("a").on(node).code()).isEqualTo(ErrorCode.ATTACHMENT_BROKEN.cniCode());
        CniCall.add("a", pod, "macvlan").on(node);
        var check = check("a");
        check.config.set("prevResult", CniCall.JSON.readTree("{\"ips\":[{\"address\":\"192.168.0.1/18\"}]}"));
        assertThat(check.on(node).message()).contains("192.168.64.1/18");
    }

    @Test
    void fullBlockIsReportedWithItsFiguresAndChangesNothing() {
        plan(SamplePlans.tiny(0, 2), SamplePlans.tiny(1, 2));
        assertOk(CniCall.add("a", pod, "macvlan").on(node));
        var full = CniCall.add("b", other, "macvlan").on(node);
        assertThat(full.code()).isEqualTo(ErrorCode.BLOCK_FULL.cniCode());
        assertThat(full.message()).contains("multi-nic-sample", "eth1", "192.168.0.0/31", "1 held");
        assertThat(other.links()).isEmpty();
        assertOk(CniCall.del("a", pod.netns()).on(node));
        assertThat(CniCall.add("b", other, "macvlan").on(node).message()).contains("1 resting", "ready in 31 s");
        node.now = node.now.plusSeconds(30);
        assertOk(CniCall.add("b", other, "macvlan").on(node));
    }

    @Test
    void attachmentRestoredFromTheLedgerIsDeletedByInterfaceNames() {
        assertOk(CniCall.add("a", pod, "macvlan").on(node));
        List<Allocation> known = node.journal.outbox().live();
        node.close();
        node = new TestNode(directory.resolve("new-disk"), 0);
        node.journal.outbox().restore(known);
        assertOk(CniCall.del("a", pod.netns()).on(node));
        assertThat(pod.links()).isEmpty();
        assertThat(live(node)).isEmpty();
    }

    @Test
    void gcDetachesOnlyStaleAttachmentsOfItsNetwork() {
        assertOk(CniCall.add("a", pod, "ptp").on(node));
        assertOk(CniCall.add("b", other, "ptp").on(node));
        var gc = CniCall.of("GC", "", "", "ptp");
        gc.config.put("cniVersion", "1.1.0");
        assertThat(gc.on(node).code()).isEqualTo(ErrorCode.INVALID_NETWORK_CONFIG.cniCode());
        var valid = gc.config.putArray("cni.dev/valid-attachments");
        valid.addObject().put("containerID", "b").put("ifname", "net1");
        assertOk(gc.on(node));
        assertThat(pod.links()).isEmpty();
        assertThat(other.links()).containsExactly("net1-0", "net1-1");
        gc.config.put("name", "another");
        valid.removeAll();
        assertOk(gc.on(node));
        assertThat(node.journal.allocations().find(new AttachmentKey("b", "net1")))
                .isPresent();
    }

    @Test
    void ptpWorksBesideALinkThatIsTooSmallForIpv6() {
        node.plan.set(SamplePlans.dualStack(0, 2));
        node.host.stack.apply(new Change.AddLink(new NewLink.Veth(
                LinkEnd.of("small0").withMtu(1000),
                LinkEnd.of("small1").withMtu(1000).down())));
        assertThat(node.host.namespace.findSysctl("net/ipv6/conf/small0/accept_ra"))
                .isEmpty();

        assertOk(CniCall.add("a", pod, "ptp").on(node));

        assertThat(node.host.namespace.sysctl("net/ipv6/conf/all/forwarding")).isEqualTo("1");
    }

    @Test
    void nicThatIsTooSmallForIpv6IsRefusedWithTheReason() {
        node.plan.set(SamplePlans.dualStack(0, 2));
        int nic = node.host.stack.link("eth1").orElseThrow().index();
        node.host.stack.apply(new Change.SetLinkMtu(nic, 1000));

        var answer = CniCall.add("a", pod, "ptp").on(node);

        assertThat(answer.message()).contains("MTU of at least 1280");
        assertThat(pod.links()).isEmpty();
    }
}
