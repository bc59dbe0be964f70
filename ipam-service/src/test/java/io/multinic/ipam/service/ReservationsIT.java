package io.multinic.ipam.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.address.AddressRange;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.wire.AuditEvent;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.NodeState;
import io.multinic.contract.wire.Page;
import io.multinic.contract.wire.PlanUpdate;
import io.multinic.contract.wire.Reservation;
import io.multinic.contract.wire.ReservationRequest;
import io.multinic.contract.wire.ReservedRange;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import io.multinic.ipam.support.Rest;
import io.multinic.ipam.support.Samples;
import io.multinic.ipam.support.TestPostgres.Database;
import io.multinic.ipam.support.TestService;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.core.type.TypeReference;

/// Reservations through REST and their effect on the plans of the affected nodes.
class ReservationsIT {
    private static final TypeReference<Page<Reservation>> RESERVATIONS = new TypeReference<>() {};
    private static final TypeReference<Page<AuditEvent>> EVENTS = new TypeReference<>() {};
    private static final String NET = "/api/v1/networks/net";
    private static final String PATH = NET + "/reservations";

    private final Rest rest = TestService.shared().rest();
    private final Database database = TestService.sharedDatabase();

    /// On eth1, node1 has 192.168.0.0/24, node2 192.168.1.0/24 and node3 192.168.2.0/24.
    @BeforeEach
    void threeNodes() throws SQLException {
        database.clear();
        rest.put(NET, Samples.network("net"));
        for (int node = 1; node <= 3; node++) {
            rest.put("/api/v1/nodes/node" + node, Samples.node(node));
        }
    }

    private Rest.Answer post(String range, @Nullable String heldFor) {
        return rest.post(PATH, new ReservationRequest(AddressRange.parse(range), "old appliance", "storage", heldFor));
    }

    private Reservation reserve(String range, @Nullable String heldFor) {
        var answer = post(range, heldFor);
        assertThat(answer.status()).as(answer.response().body()).isEqualTo(201);
        return answer.created(Reservation.class);
    }

    private List<Reservation> list(String query) {
        return rest.get(PATH + "?" + query).as(RESERVATIONS).items();
    }

    private List<String> reserved(int node, String podBlock) {
        return rest.get("/api/v1/nodes/node" + node + "/plan").as(NodePlan.class).networks().stream()
                .flatMap(network -> network.blocks().stream())
                .filter(block -> block.podBlock().equals(Cidr.parse(podBlock)))
                .flatMap(block -> block.reserved().stream())
                .map(ReservedRange::toString)
                .toList();
    }

    private long revision(int node) {
        return rest.get("/api/v1/nodes/node" + node).as(NodeState.class).revision();
    }

    @Test
    void agentsGetThePartInTheirBlocks() {
        reserve("192.168.0.250-192.168.1.5", "default/db-0");
        reserve("192.168.0.16/28", null);
        assertThat(reserved(1, "192.168.0.0/24"))
                .containsExactly("192.168.0.16-192.168.0.31", "192.168.0.250-192.168.0.255 for default/db-0");
        assertThat(reserved(2, "192.168.1.0/24")).containsExactly("192.168.1.0-192.168.1.5 for default/db-0");
        assertThat(reserved(3, "192.168.2.0/24")).isEmpty();
        assertThat(rest.get(NET + "/blocks")
                        .json()
                        .path("items")
                        .path(0)
                        .path("block")
                        .path("reserved"))
                .hasSize(2);
    }

    @ParameterizedTest(name = "{0} concerns {1}")
    @CsvSource({
        "192.168.0.250-192.168.1.5, 1 2",
        "192.168.1.255, 2",
        "192.168.1.0, 2",
        "192.168.0.255, 1",
        "192.168.0.255-192.168.2.0, 1 2 3",
        "192.168.0.0/16, 1 2 3",
        "192.168.64.7, 1",
        "192.168.3.0/24, ''"
    })
    void onlyNodesWithReservedBlocksGetNewPlan(String range, String nodes) {
        long before = Math.max(revision(1), Math.max(revision(2), revision(3)));
        var reservation = reserve(range, null);
        assertThat(raised(before)).isEqualTo(nodes);
        long between = Math.max(revision(1), Math.max(revision(2), revision(3)));
        rest.delete(PATH + "/" + reservation.id());
        assertThat(raised(between)).isEqualTo(nodes);
    }

    private String raised(long before) {
        var raised = new ArrayList<String>();
        for (int node = 1; node <= 3; node++) {
            if (revision(node) > before) {
                raised.add(Integer.toString(node));
            }
        }
        return String.join(" ", raised);
    }

    @Test
    void reservationEndsTheWaitOfItsAgent() throws Exception {
        var known = rest.get("/api/v1/nodes/node1/plan/changes").as(PlanUpdate.class);
        var answer = rest.getLater("/api/v1/nodes/node1/plan/changes?after="
                + known.plan().revision() + "&history=" + known.history() + "&wait=60");
        reserve("192.168.0.9", null);
        var plan = answer.get(30, TimeUnit.SECONDS).as(PlanUpdate.class).plan();
        assertThat(plan.networks().getFirst().blocks().getFirst().reserved()).hasSize(1);
    }

    @Test
    void sameReservationReturnsTheExistingOne() {
        var first = reserve("192.168.0.16/28", "default");
        var again = post("192.168.0.16-192.168.0.31", "default");
        assertThat(again.as(Reservation.class)).isEqualTo(first);
        assertThat(list("")).containsExactly(first);
        assertThat(rest.get("/api/v1/audit/actions?action=RESERVATION_MADE")
                        .as(EVENTS)
                        .items())
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.network()).isEqualTo("net");
                    assertThat(event.object()).isEqualTo("192.168.0.16-192.168.0.31");
                    assertThat(event.reason()).isEqualTo("old appliance");
                    assertThat(event.caller()).isEqualTo("anonymous");
                    assertThat(event.details()).containsEntry("heldFor", "default");
                });
    }

    @ParameterizedTest
    @CsvSource({
        "192.168.0.31, ",
        "192.168.0.0/16, ",
        "192.168.0.20-192.168.0.21, ",
        "192.168.0.16/28, default",
        "192.168.0.16-192.168.0.32, "
    })
    void overlapIsRefusedAndNamesTheOtherReservation(String range, String heldFor) {
        var other = reserve("192.168.0.16/28", null);
        var answer = post(range, heldFor);
        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.code()).isEqualTo("RESERVATION_REFUSED");
        assertThat(answer.detail()).contains("reservation " + other.id(), "192.168.0.16-192.168.0.31", "storage");
        assertThat(list("")).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.1", "192.167.255.255-192.168.0.5", "192.168.255.0-192.169.0.0", "fd00::1", "0.0.0.0/0"})
    void addressesOutsideTheNetworkAreRefused(String range) {
        var answer = post(range, null);
        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.code()).isEqualTo("RESERVATION_REFUSED");
        assertThat(answer.detail()).contains("not within");
    }

    @Test
    void adjacentReservationsOfTwoNetworksAreAccepted() {
        rest.put("/api/v1/networks/other", Samples.network("other", "192.169.0.0/16", 6));
        reserve("192.168.255.255", null);
        assertThat(rest.post(
                                "/api/v1/networks/other/reservations",
                                new ReservationRequest(AddressRange.parse("192.169.0.0"), "r", "o", null))
                        .status())
                .isEqualTo(201);
        assertThat(list("")).hasSize(1);
    }

    @Test
    void heldAddressesStayHeldAndAreCounted() {
        long epoch = rest.post("/api/v1/nodes/node1/session", new SessionRequest("uid-1", "s", 0L, List.of()))
                .as(SessionGrant.class)
                .epoch();
        rest.post(
                "/api/v1/nodes/node1/ledger",
                Samples.batch(
                        1,
                        epoch,
                        Samples.allocated(1, "192.168.0.16", "a"),
                        Samples.allocated(2, "192.168.0.20", "b"),
                        Samples.allocated(3, "192.168.0.32", "c"),
                        Samples.freed(4, "192.168.0.20", "b")));
        assertThat(reserve("192.168.0.16/28", null).held()).isEqualTo(1);
        assertThat(list("")).extracting(Reservation::held).containsExactly(1L);
        assertThat(rest.get("/api/v1/addresses/192.168.0.16")
                        .json()
                        .path("items")
                        .path(0)
                        .path("to")
                        .isNull())
                .as("still held")
                .isTrue();
    }

    @Test
    void reservationIsRemovedOnce() {
        var reservation = reserve("192.168.0.16/28", null);
        assertThat(rest.delete("/api/v1/networks/nowhere/reservations/" + reservation.id())
                        .code())
                .isEqualTo("NETWORK_UNKNOWN");
        rest.put("/api/v1/networks/other", Samples.network("other", "10.64.0.0/16", 6));
        assertThat(rest.delete("/api/v1/networks/other/reservations/" + reservation.id())
                        .status())
                .isEqualTo(204);
        assertThat(list("")).as("reservations of other networks are kept").hasSize(1);
        assertThat(rest.delete(PATH + "/" + reservation.id()).status()).isEqualTo(204);
        assertThat(rest.delete(PATH + "/" + reservation.id()).status()).isEqualTo(204);
        assertThat(list("")).isEmpty();
        assertThat(reserved(1, "192.168.0.0/24")).isEmpty();
        assertThat(rest.get("/api/v1/audit/actions?action=RESERVATION_REMOVED")
                        .as(EVENTS)
                        .items())
                .hasSize(1);
    }

    @Test
    void reservationsAreRemovedWithTheirNetwork() {
        reserve("192.168.0.16/28", null);
        reserve("192.168.0.9", "default");
        rest.delete(NET);
        assertThat(rest.get("/api/v1/audit/actions?action=RESERVATION_REMOVED&network=net")
                        .as(EVENTS)
                        .items())
                .extracting(AuditEvent::object)
                .containsExactly("192.168.0.16-192.168.0.31", "192.168.0.9");
        rest.put(NET, Samples.network("net"));
        assertThat(list("")).isEmpty();
    }

    @Test
    void editThatExcludesReservationIsRefused() {
        reserve("192.168.0.16/28", null);
        var answer = rest.put(NET, Samples.network("net", "10.64.0.0/16", 6));
        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.code()).isEqualTo("NETWORK_EDIT_REFUSED");
        assertThat(answer.detail()).contains("192.168.0.16-192.168.0.31", "remove it first");
        assertThat(rest.put(NET, Samples.network("net", "192.168.0.0/17", 6)).status())
                .as("a smaller subnet that contains the reservation")
                .isEqualTo(200);
    }

    @Test
    void reservationsOfHostSubnetNetworkAreWithinNicNetworks() {
        rest.put(
                "/api/v1/networks/hosts",
                new NetworkDefinition("hosts", List.of(), List.of(Cidr.parse("10.0.1.0/24")), 0, 2, List.of(), true));
        String path = "/api/v1/networks/hosts/reservations";
        var within = new ReservationRequest(AddressRange.parse("10.0.1.200-10.0.1.210"), "r", "o", null);
        assertThat(rest.post(path, within).status()).isEqualTo(201);
        var beside = new ReservationRequest(AddressRange.parse("10.0.2.7"), "r", "o", null);
        assertThat(rest.post(path, beside).code()).isEqualTo("RESERVATION_REFUSED");
        var moved = rest.put(
                "/api/v1/networks/hosts",
                new NetworkDefinition("hosts", List.of(), List.of(Cidr.parse("10.0.2.0/24")), 0, 2, List.of(), true));
        assertThat(moved.code()).isEqualTo("NETWORK_EDIT_REFUSED");
        assertThat(moved.detail()).contains("10.0.1.200-10.0.1.210");
    }

    @Test
    void reservationsAreFilteredAndPaged() {
        for (int i = 0; i < 25; i++) {
            reserve("192.168." + i + ".10", i % 2 == 0 ? "even" : null);
        }
        assertThat(list("heldFor=even&limit=1000")).hasSize(13);
        assertThat(list("owner=storage&limit=1000")).hasSize(25);
        assertThat(list("owner=nobody")).isEmpty();
        assertThat(list("address=192.168.7.10"))
                .extracting(reservation -> reservation.first().toString())
                .containsExactly("192.168.7.10");
        var seen = new ArrayList<String>();
        String cursor = "";
        while (cursor != null) {
            var page = rest.get(PATH + "?limit=10&cursor=" + cursor).as(RESERVATIONS);
            page.items().forEach(reservation -> seen.add(reservation.first().toString()));
            cursor = page.next();
        }
        assertThat(seen)
                .hasSize(25)
                .doesNotHaveDuplicates()
                .startsWith("192.168.0.10")
                .endsWith("192.168.24.10");
    }

    @Test
    void numberOfReservationsIsBounded() throws SQLException {
        database.execute("INSERT INTO reservation (network_id, first, last, reason, owner, created_by)"
                + " SELECT 1, a, a, 'r', 'o', 'c' FROM (SELECT '192.168.64.0'::inet + i AS a"
                + " FROM generate_series(1, 10000) AS i) every");
        var answer = post("192.168.0.1", null);
        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.detail()).contains("10000");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"range\": \"192.168.0.9-192.168.0.1\", \"reason\": \"r\", \"owner\": \"o\"} | range: ",
                "{\"range\": \"192.168.0.1/28\", \"reason\": \"r\", \"owner\": \"o\"} | range: ",
                "{\"range\": \"many\", \"reason\": \"r\", \"owner\": \"o\"} | range: ",
                "{\"range\": \"192.168.0.1\", \"owner\": \"o\"} | reason",
                "{\"range\": \"192.168.0.1\", \"reason\": \" \", \"owner\": \"o\"} | reason",
                "{\"range\": \"192.168.0.1\", \"reason\": \"r\"} | owner",
                "{\"range\": \"192.168.0.1\", \"reason\": \"r\", \"owner\": \"\"} | owner",
                "{\"range\": \"192.168.0.1\", \"reason\": \"r\\u0000\", \"owner\": \"o\"} | reason",
                "{\"range\": \"192.168.0.1\", \"reason\": \"r\", \"owner\": \"o\", \"heldFor\": \"a b\"} | heldFor",
                "{\"range\": \"192.168.0.1\", \"reason\": \"r\", \"owner\": \"o\", \"heldFor\": \"a/b/c\"} | heldFor",
                "{\"range\": \"192.168.0.1\", \"reason\": \"r\", \"owner\": \"o\", \"colour\": \"red\"} | colour"
            })
    void badInputIsRefused(String body, String detail) {
        var answer = rest.post(PATH, body);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.code()).isEqualTo("INVALID_REQUEST");
        assertThat(answer.detail()).contains(detail);
        assertThat(list("")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"address=x", "heldFor=A", "limit=1001", "cursor=7", "owner="})
    void badFilterIsRefused(String query) {
        assertThat(rest.get(PATH + "?" + query).code()).isEqualTo("INVALID_REQUEST");
    }

    @Test
    void unknownNetworkIsAnError() {
        assertThat(rest.get("/api/v1/networks/nowhere/reservations").code()).isEqualTo("NETWORK_UNKNOWN");
        assertThat(rest.post(
                                "/api/v1/networks/nowhere/reservations",
                                new ReservationRequest(AddressRange.parse("192.168.0.1"), "r", "o", null))
                        .code())
                .isEqualTo("NETWORK_UNKNOWN");
    }
}
