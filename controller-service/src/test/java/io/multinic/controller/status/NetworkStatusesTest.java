package io.multinic.controller.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.crd.HostInterfaceStatus;
import io.multinic.contract.crd.HostInterfaceStatus.NetworkObservation;
import io.multinic.contract.crd.MultiNicNetworkStatus;
import io.multinic.contract.crd.MultiNicNetworkStatus.ConfigStatus;
import io.multinic.contract.crd.MultiNicNetworkStatus.Discovery;
import io.multinic.contract.crd.MultiNicNetworkStatus.NetAddress;
import io.multinic.contract.crd.MultiNicNetworkStatus.RouteStatus;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NetworkState;
import io.multinic.controller.status.NetworkStatuses.Observation;
import io.multinic.controller.status.StatusEvents.Severity;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NetworkStatusesTest {
    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
    private static final Instant LATER = NOON.plusSeconds(60);
    private static final Cidr NET = Cidr.parse("10.0.1.0/24");
    private static final HostReport.HostNic NIC = new HostReport.HostNic("eth1", List.of(NET));

    @Test
    void routesAreReadyIfEveryHostHasAllRoutesOfThePlansRevision() {
        var status = status(accepted(state(2, 7)), host("a", 7, 1, 2, 2), host("b", 8, 1, 2, 2));
        assertThat(status.configStatus()).isEqualTo(ConfigStatus.SUCCESS);
        assertThat(status.routeStatus()).isEqualTo(RouteStatus.SUCCESS);
        assertThat(status.message()).isNull();
        assertThat(status.discovery()).isEqualTo(new Discovery(2, 2, 2));
        assertThat(status.computeResults()).containsExactly(new NetAddress("10.0.1.0/24", 2));
        assertThat(status.observedGeneration()).isEqualTo(3);
        assertThat(condition(status, "Ready").getStatus()).isEqualTo("True");
    }

    record Incomplete(String name, RouteStatus status, String message, List<HostReport> hosts) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Incomplete> incomplete() {
        var whole = host("a", 7, 1, 2, 2);
        return List.of(
                new Incomplete(
                        "a route is missing",
                        RouteStatus.WAIT_FOR_ROUTES,
                        "node b has 1 of 2 routes",
                        List.of(whole, host("b", 7, 1, 2, 1))),
                new Incomplete(
                        "a host is at an older plan",
                        RouteStatus.WAIT_FOR_ROUTES,
                        "node b is at plan revision 6, not yet at 7",
                        List.of(whole, host("b", 6, 1, 2, 2))),
                new Incomplete(
                        "a host has no block",
                        RouteStatus.WAIT_FOR_ROUTES,
                        "node b has no block yet",
                        List.of(whole, host("b", 7, 0, 0, 0))),
                new Incomplete(
                        "a host has not reported",
                        RouteStatus.WAIT_FOR_ROUTES,
                        "node b has not reported",
                        List.of(whole, new HostReport("b", List.of(NIC), null))),
                new Incomplete(
                        "a host does not mention the network",
                        RouteStatus.WAIT_FOR_ROUTES,
                        "node b has not reported",
                        List.of(
                                whole,
                                new HostReport("b", List.of(NIC), new HostInterfaceStatus(9L, List.of(), null)))),
                new Incomplete(
                        "a host with a block has no HostInterface",
                        RouteStatus.WAIT_FOR_ROUTES,
                        "2 hosts on 10.0.1.0/24, but HostInterfaces name only 1",
                        List.of(whole)),
                new Incomplete(
                        "a host failed",
                        RouteStatus.FAILED,
                        "node b: route 192.168.1.0/24: File exists",
                        List.of(whole, host("b", 7, 1, 2, 1, "route 192.168.1.0/24: File exists"))),
                new Incomplete(
                        "a host failed at an older plan",
                        RouteStatus.FAILED,
                        "node b: no table",
                        List.of(whole, host("b", 2, 1, 2, 2, "no table"))));
    }

    @ParameterizedTest
    @MethodSource("incomplete")
    void anythingMissingIsNeverSuccessAndIsNamed(Incomplete c) {
        var status = status(accepted(state(2, 7)), c.hosts().toArray(HostReport[]::new));
        assertThat(status.routeStatus()).isEqualTo(c.status());
        assertThat(status.message()).contains(c.message());
        assertThat(condition(status, "RoutesReady").getStatus()).isEqualTo("False");
        assertThat(condition(status, "Ready").getStatus()).isEqualTo("False");
    }

    @Test
    void routesAreNotReadyWhileAHostHasNotReachedTheRevisionOfAJoin() {
        var joined = accepted(state(2, 7, 9));
        var status = status(joined, host("a", 9, 1, 1, 1), host("b", 8, 1, 0, 0));
        assertThat(status.routeStatus()).isEqualTo(RouteStatus.WAIT_FOR_ROUTES);
        assertThat(status.message()).contains("node b is at plan revision 8, not yet at 9");
        assertThat(status(joined, host("a", 9, 1, 1, 1), host("b", 9, 1, 1, 1)).routeStatus())
                .isEqualTo(RouteStatus.SUCCESS);
    }

    @Test
    void severalNicsOfAHostInOneNetworkCountAsOneHost() {
        var twoNics = new HostReport(
                "a",
                List.of(NIC, new HostReport.HostNic("eth2", List.of(NET))),
                new HostInterfaceStatus(7L, List.of(new NetworkObservation("net", 2, 1, 1, "")), null));
        assertThat(status(accepted(state(2, 7)), twoNics).routeStatus()).isEqualTo(RouteStatus.WAIT_FOR_ROUTES);
        assertThat(status(accepted(state(2, 7)), twoNics, host("b", 7, 1, 2, 2)).routeStatus())
                .isEqualTo(RouteStatus.SUCCESS);
    }

    @Test
    void routesAreNotReadyWithoutHosts() {
        assertThat(status(accepted(state(0, 7))).routeStatus()).isEqualTo(RouteStatus.WAIT_FOR_ROUTES);
    }

    @Test
    void hostsWithoutANicInTheNetworkDoNotCount() {
        var elsewhere =
                new HostReport("z", List.of(new HostReport.HostNic("eth9", List.of(Cidr.parse("10.9.9.0/24")))), null);
        var status = status(accepted(state(1, 7)), host("a", 7, 1, 0, 0), elsewhere);
        assertThat(status.routeStatus()).isEqualTo(RouteStatus.SUCCESS);
        assertThat(status.discovery()).isEqualTo(new Discovery(2, 2, 1));
    }

    @Test
    void nicWithoutABlockIsNamedWithItsReason() {
        var planned = new NetworkState(
                definition(true),
                1,
                7,
                List.of(new NetworkState.InterfaceUse(0, NET, List.of(), 1, 7)),
                List.of(new NetworkState.Unplaced("b", "eth1", "no host index is free")));
        var status = status(accepted(planned), host("a", 7, 1, 0, 0), host("b", 7, 0, 0, 0));
        assertThat(status.routeStatus()).isEqualTo(RouteStatus.SUCCESS);
        assertThat(condition(status, "Ready").getReason()).isEqualTo("NicsWithoutBlock");
        assertThat(status.message()).contains("NIC eth1 of node b", "no host index is free");
    }

    @Test
    void networkWithoutHostRoutesIsNotApplicable() {
        var l2 = new NetworkState(definition(false), 1, 7, List.of(), List.of());
        assertThat(status(accepted(l2)).routeStatus()).isEqualTo(RouteStatus.NOT_APPLICABLE);
        assertThat(status(new Planning.Delegated()).routeStatus()).isEqualTo(RouteStatus.NOT_APPLICABLE);
        assertThat(status(new Planning.Delegated()).configStatus()).isEqualTo(ConfigStatus.SUCCESS);
    }

    @Test
    void refusedNetworkWithoutEarlierPlanIsFailedWithItsReason() {
        var status = status(new Planning.Refused(
                Planning.Cause.InvalidSpec, "spec.subnet is unusable", new Planning.Running.Nothing()));
        assertThat(status.configStatus()).isEqualTo(ConfigStatus.FAILED);
        assertThat(status.routeStatus()).isEqualTo(RouteStatus.NOT_APPLICABLE);
        assertThat(status.message()).isEqualTo("spec.subnet is unusable");
    }

    @Test
    void refusedEditKeepsTheRoutesOfTheEarlierPlanInTheStatus() {
        var refused = new Planning.Refused(
                Planning.Cause.RefusedByIpam, "would move live blocks", new Planning.Running.Earlier(state(1, 7)));
        var status = status(refused, host("a", 7, 1, 0, 0));
        assertThat(status.configStatus()).isEqualTo(ConfigStatus.FAILED);
        assertThat(status.routeStatus()).isEqualTo(RouteStatus.SUCCESS);
        assertThat(status.message()).contains("would move live blocks", "earlier definition stays in force");
        assertThat(status.computeResults()).hasSize(1);
    }

    @Test
    void unreachableIpamMakesTheRoutesUnknown() {
        var down = new Planning.Unavailable("connection refused");
        var first = status(down);
        assertThat(first.configStatus()).isEqualTo(ConfigStatus.WAIT_FOR_CONFIG);
        assertThat(first.routeStatus()).isEqualTo(RouteStatus.UNKNOWN);

        var wasGood = status(accepted(state(1, 7)), host("a", 7, 1, 0, 0));
        var then = NetworkStatuses.next(wasGood, observation(down, host("a", 7, 1, 0, 0)), LATER);
        assertThat(then.configStatus()).isEqualTo(ConfigStatus.SUCCESS);
        assertThat(then.routeStatus()).isEqualTo(RouteStatus.UNKNOWN);
        assertThat(then.computeResults()).isEqualTo(wasGood.computeResults());
    }

    @Test
    void acceptanceOfAnOlderGenerationDoesNotCount() {
        var wasGood = status(accepted(state(1, 7)), host("a", 7, 1, 0, 0));
        var edited = new Observation("net", 4, new Planning.Unavailable("down"), AttachmentReport.COMPLETE, List.of());
        assertThat(NetworkStatuses.next(wasGood, edited, LATER).configStatus()).isEqualTo(ConfigStatus.WAIT_FOR_CONFIG);
    }

    @Test
    void blockedAttachmentIsNotReady() {
        var blocked = new AttachmentReport(List.of("namespace ai: there is another one"));
        var status = NetworkStatuses.next(
                null, new Observation("net", 3, new Planning.Delegated(), blocked, List.of()), NOON);
        assertThat(condition(status, "Ready").getReason()).isEqualTo("AttachmentsBlocked");
        assertThat(status.message()).contains("namespace ai");
    }

    @Test
    void sameObservationLaterKeepsTheStatusObject() {
        var before = status(accepted(state(1, 7)), host("a", 7, 1, 0, 0));
        assertThat(NetworkStatuses.next(before, observation(accepted(state(1, 7)), host("a", 7, 1, 0, 0)), LATER))
                .isSameAs(before);
    }

    @Test
    void transitionTimeChangesOnlyWithTheConditionsStatus() {
        var waiting = status(accepted(state(1, 7)), host("a", 6, 1, 0, 0));
        var other = NetworkStatuses.next(waiting, observation(accepted(state(1, 8)), host("a", 7, 1, 0, 0)), LATER);
        assertThat(condition(other, "RoutesReady").getLastTransitionTime()).isEqualTo(NOON.toString());
        var done = NetworkStatuses.next(waiting, observation(accepted(state(1, 7)), host("a", 7, 1, 0, 0)), LATER);
        assertThat(condition(done, "RoutesReady").getLastTransitionTime()).isEqualTo(LATER.toString());
        assertThat(condition(done, "ConfigAccepted").getLastTransitionTime()).isEqualTo(NOON.toString());
    }

    @Test
    void manyWaitingHostsAreCountedNotListed() {
        var hosts = new HostReport[5];
        for (int i = 0; i < hosts.length; i++) {
            hosts[i] = host("n" + i, 1, 1, 0, 0);
        }
        assertThat(status(accepted(state(5, 7)), hosts).message())
                .startsWith("0 of 5 hosts have their routes")
                .endsWith("and 2 more");
    }

    @Test
    void eachChangeHasOneEvent() {
        var refusal = new Planning.Refused(Planning.Cause.InvalidSpec, "bad subnet", new Planning.Running.Nothing());
        var bad = status(refusal);
        assertThat(StatusEvents.between(null, bad))
                .containsExactly(new StatusEvents.StatusEvent(Severity.Warning, "InvalidSpec", "bad subnet"));
        assertThat(StatusEvents.between(bad, status(refusal))).isEmpty();
        var good = status(accepted(state(1, 7)), host("a", 7, 1, 0, 0));
        assertThat(StatusEvents.between(bad, good))
                .extracting(StatusEvents.StatusEvent::reason)
                .containsExactly("Accepted", "AllRoutesPresent");
        var waiting = status(accepted(state(1, 7)), host("a", 6, 1, 0, 0));
        assertThat(StatusEvents.between(good, waiting)).isEmpty();
    }

    private static MultiNicNetworkStatus status(Planning planning, HostReport... hosts) {
        return NetworkStatuses.next(null, observation(planning, hosts), NOON);
    }

    private static Observation observation(Planning planning, HostReport... hosts) {
        return new Observation("net", 3, planning, AttachmentReport.COMPLETE, List.of(hosts));
    }

    private static Planning accepted(NetworkState state) {
        return new Planning.Accepted(state);
    }

    private static NetworkState state(int hosts, long revision) {
        return state(hosts, revision, revision);
    }

    /// @param joined revision at which the last host joined the network
    private static NetworkState state(int hosts, long revision, long joined) {
        return new NetworkState(
                definition(true),
                1,
                revision,
                List.of(new NetworkState.InterfaceUse(0, NET, List.of(Cidr.parse("192.168.0.0/18")), hosts, joined)),
                List.of());
    }

    private static NetworkDefinition definition(boolean hostRoutes) {
        return new NetworkDefinition(
                "net", List.of(Cidr.parse("192.168.0.0/16")), List.of(NET), 2, 8, List.of(), hostRoutes);
    }

    private static HostReport host(String node, long revision, int blocks, int wanted, int present) {
        return host(node, revision, blocks, wanted, present, "");
    }

    private static HostReport host(String node, long revision, int blocks, int wanted, int present, String message) {
        var seen = new NetworkObservation("net", blocks, wanted, present, message);
        return new HostReport(node, List.of(NIC), new HostInterfaceStatus(revision, List.of(seen), null));
    }

    private static Condition condition(MultiNicNetworkStatus status, String type) {
        return status.conditions().stream()
                .filter(c -> type.equals(c.getType()))
                .findFirst()
                .orElseThrow();
    }
}
