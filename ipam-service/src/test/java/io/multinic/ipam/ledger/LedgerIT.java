package io.multinic.ipam.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.AllocationInterval;
import io.multinic.contract.wire.LedgerBatch;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.LedgerReceipt;
import io.multinic.contract.wire.Page;
import io.multinic.contract.wire.PodRef;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import io.multinic.ipam.support.Rest;
import io.multinic.ipam.support.Samples;
import io.multinic.ipam.support.TestPostgres.Database;
import io.multinic.ipam.support.TestService;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.core.type.TypeReference;

/// Sessions, batches and audit through REST, on a real PostgreSQL.
class LedgerIT {
    private static final TypeReference<Page<AllocationInterval>> INTERVALS = new TypeReference<>() {};

    private final Rest rest = TestService.shared().rest();
    private final Database database = TestService.sharedDatabase();

    @BeforeEach
    void twoNodes() throws SQLException {
        database.clear();
        rest.put("/api/v1/networks/net", Samples.network("net"));
        rest.put("/api/v1/nodes/node1", Samples.node(1));
        rest.put("/api/v1/nodes/node2", Samples.node(2));
    }

    private SessionGrant session(int node, String store, @Nullable Long confirmed, Allocation... live) {
        return rest.post(
                        "/api/v1/nodes/node" + node + "/session",
                        new SessionRequest("uid-" + node, store, confirmed, List.of(live)))
                .as(SessionGrant.class);
    }

    private Rest.Answer send(int node, long epoch, LedgerEvent... events) {
        return rest.post("/api/v1/nodes/node" + node + "/ledger", Samples.batch(node, epoch, events));
    }

    private long stored(int node, long epoch, LedgerEvent... events) {
        return send(node, epoch, events).as(LedgerReceipt.class).storedThrough();
    }

    private List<AllocationInterval> audit(String query) {
        return rest.get("/api/v1/audit?" + query).as(INTERVALS).items();
    }

    @Test
    void containerWithoutPodIsStored() {
        var byHand = new Allocation(
                "net", IpAddress.parse("192.168.0.4"), "eth1", new PodRef("", "", ""), "by-hand", "net1", "net1-0");
        long epoch = session(1, "s", 0L).epoch();
        assertThat(stored(1, epoch, new LedgerEvent(1, LedgerEvent.Type.ALLOCATED, Samples.T0, byHand)))
                .isEqualTo(1);
        assertThat(audit("open=true"))
                .extracting(AllocationInterval::allocation)
                .containsExactly(byHand);
        assertThat(session(1, "s", 1L, byHand).storedThrough()).isEqualTo(1);
    }

    @Test
    void intervalsStartAndEndAtTheTimesOfTheirEvents() {
        long epoch = session(1, "s", 0L).epoch();
        assertThat(stored(1, epoch, Samples.allocated(1, "192.168.0.4", "a"))).isEqualTo(1);
        assertThat(stored(1, epoch, Samples.freed(2, "192.168.0.4", "a"))).isEqualTo(2);
        assertThat(audit("")).singleElement().satisfies(interval -> {
            assertThat(interval.node()).isEqualTo("node1");
            assertThat(interval.allocation()).isEqualTo(Samples.allocation("net", "192.168.0.4", "a"));
            assertThat(interval.from()).isEqualTo(Samples.T0.plusSeconds(1));
            assertThat(interval.to()).isEqualTo(Samples.T0.plusSeconds(2));
        });
    }

    @Test
    void batchSentAgainOrWithAnOverlapIsStoredOnce() {
        long epoch = session(1, "s", 0L).epoch();
        var one = Samples.allocated(1, "192.168.0.4", "a");
        var two = Samples.freed(2, "192.168.0.4", "a");
        var three = Samples.allocated(3, "192.168.0.4", "b");
        assertThat(stored(1, epoch, one, two)).isEqualTo(2);
        assertThat(stored(1, epoch, one, two)).isEqualTo(2);
        assertThat(stored(1, epoch, one))
                .as("an old batch does not reset the ledger")
                .isEqualTo(2);
        assertThat(stored(1, epoch, two, three)).isEqualTo(3);
        assertThat(stored(1, epoch)).isEqualTo(3);
        assertThat(audit("")).hasSize(2);
        assertThat(audit("open=true"))
                .extracting(interval -> interval.allocation().containerId())
                .containsExactly("b");
    }

    @Test
    void addressMayChangeHoldersSeveralTimesInOneBatch() throws SQLException {
        long epoch = session(1, "s", 0L).epoch();
        stored(
                1,
                epoch,
                Samples.allocated(1, "192.168.0.4", "a"),
                Samples.freed(2, "192.168.0.4", "a"),
                Samples.allocated(3, "192.168.0.4", "b"),
                Samples.freed(4, "192.168.0.4", "b"),
                Samples.allocated(5, "192.168.0.4", "c"));
        assertThat(audit("open=false"))
                .extracting(interval -> interval.allocation().containerId())
                .containsExactlyInAnyOrder("a", "b");
        stored(1, epoch, Samples.freed(6, "192.168.0.4", "c"), Samples.allocated(7, "192.168.0.4", "d"));
        assertThat(audit("open=true"))
                .extracting(interval -> interval.allocation().containerId())
                .containsExactly("d");
        assertThat(database.count("SELECT count(*) FROM conflict")).isZero();
    }

    @Test
    void gapIsRefusedWithTheExpectedSequence() {
        long epoch = session(1, "s", 0L).epoch();
        stored(1, epoch, Samples.allocated(1, "192.168.0.4", "a"));
        var answer = send(1, epoch, Samples.allocated(3, "192.168.0.5", "b"));
        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.code()).isEqualTo("LEDGER_GAP");
        assertThat(answer.detail()).contains("expects 2");
        assertThat(audit("")).hasSize(1);
    }

    @Test
    void olderSessionIsStale() {
        long old = session(1, "s", 0L).epoch();
        long epoch = session(1, "s", 0L).epoch();
        assertThat(epoch).isEqualTo(old + 1);
        var answer = send(1, old, Samples.allocated(1, "192.168.0.4", "a"));
        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.code()).isEqualTo("STALE_SESSION");
        assertThat(audit("")).isEmpty();
        assertThat(stored(1, epoch, Samples.allocated(1, "192.168.0.4", "a"))).isEqualTo(1);
    }

    @Test
    void badEventRefusesTheWholeBatchByItsIndex() {
        long epoch = session(1, "s", 0L).epoch();
        var good = Samples.allocated(1, "192.168.0.4", "a");
        var bad = Samples.allocated(2, "192.168.0.5", " ");
        var answer = send(1, epoch, good, bad);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.code()).isEqualTo("INVALID_REQUEST");
        assertThat(answer.detail()).contains("events[1].allocation.containerId");
        assertThat(send(1, epoch, good, Samples.freed(3, "192.168.0.4", "a")).detail())
                .contains("events[1].sequence is 3, but 2 comes here");
        assertThat(audit("")).isEmpty();
        assertThat(session(1, "s", 0L).storedThrough()).isZero();
    }

    @Test
    void conflictDoesNotStopTheOtherEventsOfTheBatch() throws SQLException {
        long first = session(1, "s", 0L).epoch();
        long second = session(2, "s", 0L).epoch();
        stored(1, first, Samples.allocated(1, "192.168.0.4", "a"));
        stored(
                2,
                second,
                Samples.allocated(1, "192.168.1.4", "b"),
                Samples.allocated(2, "192.168.0.4", "thief"),
                Samples.allocated(3, "192.168.1.5", "c"));
        assertThat(audit("open=true&node=node2"))
                .extracting(interval -> interval.allocation().address().toString())
                .containsExactlyInAnyOrder("192.168.1.4", "192.168.1.5");
        assertThat(database.count("SELECT count(*) FROM conflict WHERE resolved_at IS NULL"))
                .isEqualTo(1);
        assertThat(rest.get("/actuator/prometheus").response().body())
                .contains("multi_nic_ipam_conflicts_total{kind=\"ADDRESS_HELD\"}");

        stored(1, first, Samples.freed(2, "192.168.0.4", "a"));
        assertThat(audit("open=true&node=node2"))
                .as("the waiting claim has become the holder")
                .hasSize(3);
        assertThat(database.count("SELECT count(*) FROM conflict WHERE resolved_at IS NULL"))
                .isZero();
        stored(2, second, Samples.freed(4, "192.168.0.4", "thief"));
        assertThat(database.count("SELECT count(*) FROM conflict")).isEqualTo(1);
        assertThat(audit("open=true")).hasSize(2);
    }

    @Test
    void eventOfUnknownNetworkIsStored() {
        long epoch = session(1, "s", 0L).epoch();
        var gone = new LedgerEvent(
                1, LedgerEvent.Type.ALLOCATED, Samples.T0, Samples.allocation("gone", "172.16.0.4", "a"));
        assertThat(stored(1, epoch, gone)).isEqualTo(1);
        assertThat(audit("network=gone")).hasSize(1);
        assertThat(rest.get("/api/v1/networks/gone").status()).isEqualTo(404);
    }

    @Test
    void sessionOfKnownJournalChangesNoInterval() {
        long epoch = session(1, "s", 0L).epoch();
        stored(1, epoch, Samples.allocated(1, "192.168.0.4", "a"));
        // a was freed and b allocated since; both events are still in the outbox
        var grant = session(1, "s", 1L, Samples.allocation("net", "192.168.0.5", "b"));
        assertThat(grant.restore()).isEmpty();
        assertThat(grant.storedThrough()).isEqualTo(1);
        assertThat(audit("open=true")).hasSize(1);
        stored(1, grant.epoch(), Samples.freed(2, "192.168.0.4", "a"), Samples.allocated(3, "192.168.0.5", "b"));
        assertThat(audit("open=true"))
                .extracting(interval -> interval.allocation().containerId())
                .containsExactly("b");
        assertThat(audit("")).hasSize(2);
    }

    @Test
    void newJournalGetsUnknownAllocationsToRestore() {
        long epoch = session(1, "s", 0L).epoch();
        var kept = Samples.allocation("net", "192.168.0.4", "a");
        var known = Samples.allocation("net", "192.168.0.5", "b");
        stored(1, epoch, Samples.allocated(1, "192.168.0.4", "a"), Samples.allocated(2, "192.168.0.5", "b"));
        var grant = session(1, "wiped", 0L, known);
        assertThat(grant.storedThrough()).isZero();
        assertThat(grant.restore()).containsExactly(kept);
        // the new journal starts at 1; freeing a restored allocation ends the old interval
        stored(1, grant.epoch(), Samples.freed(1, "192.168.0.4", "a"));
        assertThat(audit("open=true"))
                .extracting(interval -> interval.allocation().containerId())
                .containsExactly("b");
    }

    @Test
    void ledgerThatLostEventsAcceptsTheNodesStatement() throws SQLException {
        // This database lacks events 1 to 7, which another one confirmed.
        long epoch = session(1, "other", 0L).epoch();
        stored(1, epoch, Samples.allocated(1, "192.168.0.9", "freed-in-a-lost-event"));
        var grant = session(
                1,
                "s",
                7L,
                Samples.allocation("net", "192.168.0.4", "a"),
                Samples.allocation("net", "192.168.0.5", "pending"));
        assertThat(grant.storedThrough()).isEqualTo(7);
        assertThat(grant.restore()).isEmpty();
        stored(
                1,
                grant.epoch(),
                Samples.allocated(8, "192.168.0.5", "pending"),
                Samples.allocated(9, "192.168.0.6", "short"),
                Samples.freed(10, "192.168.0.6", "short"));
        assertThat(audit("open=true"))
                .extracting(interval -> interval.allocation().containerId())
                .containsExactlyInAnyOrder("a", "pending");
        assertThat(audit("")).hasSize(4);
        assertThat(database.count("SELECT count(*) FROM conflict")).isZero();
    }

    @Test
    void ledgerThatLostEventsResolvesClaimsTheNodeDoesNotState() throws SQLException {
        long first = session(1, "s", 0L).epoch();
        long second = session(2, "s", 0L).epoch();
        stored(1, first, Samples.allocated(1, "192.168.0.4", "a"));
        stored(2, second, Samples.allocated(1, "192.168.0.4", "freed-in-a-lost-event"));
        session(2, "s", 2L);
        assertThat(database.count("SELECT count(*) FROM conflict WHERE resolved_at IS NULL"))
                .isZero();
        stored(1, first, Samples.freed(2, "192.168.0.4", "a"));
        assertThat(audit("open=true")).isEmpty();
    }

    @Test
    void claimStatedBySessionAndEventEndsOnce() throws SQLException {
        long first = session(1, "s", 0L).epoch();
        stored(1, first, Samples.allocated(1, "192.168.0.4", "a"));
        // events were lost; the one that allocates b is still in the outbox
        long second = session(2, "s", 2L, Samples.allocation("net", "192.168.0.4", "b"))
                .epoch();
        stored(2, second, Samples.allocated(3, "192.168.0.4", "b"), Samples.freed(4, "192.168.0.4", "b"));
        assertThat(database.count("SELECT count(*) FROM conflict WHERE resolved_at IS NULL"))
                .isZero();
        stored(1, first, Samples.freed(2, "192.168.0.4", "a"));
        assertThat(audit("open=true")).isEmpty();
    }

    @Test
    void unknownNodeIsRefusedWithTheRemedy() {
        var answer = rest.post("/api/v1/nodes/node9/session", new SessionRequest("uid-9", "s", 0L, List.of()));
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.code()).isEqualTo("NODE_UNKNOWN");
        assertThat(answer.detail()).contains("node9").contains("PUT /api/v1/nodes/node9");
        var wrongUid = rest.post("/api/v1/nodes/node1/session", new SessionRequest("uid-2", "s", 0L, List.of()));
        assertThat(wrongUid.code()).isEqualTo("NODE_UNKNOWN");
        assertThat(rest.post("/api/v1/nodes/node1/ledger", new LedgerBatch("uid-1", 1, List.of()))
                        .code())
                .as("no session yet")
                .isEqualTo("STALE_SESSION");
    }

    @Test
    void historyOfAddressIsFound() {
        long epoch = session(1, "s", 0L).epoch();
        stored(
                1,
                epoch,
                Samples.allocated(1, "192.168.0.4", "a"),
                new LedgerEvent(
                        2,
                        LedgerEvent.Type.FREED,
                        Samples.T0.plusSeconds(5),
                        Samples.allocation("net", "192.168.0.4", "a")),
                new LedgerEvent(
                        3,
                        LedgerEvent.Type.ALLOCATED,
                        Samples.T0.plusSeconds(9),
                        Samples.allocation("net", "192.168.0.4", "b")));
        assertThat(holderAt(Samples.T0)).isEmpty();
        assertThat(holderAt(Samples.T0.plusSeconds(1))).containsExactly("a");
        assertThat(holderAt(Samples.T0.plusSeconds(5))).isEmpty();
        assertThat(holderAt(Samples.T0.plusSeconds(100))).containsExactly("b");
        assertThat(rest.get("/api/v1/addresses/192.168.0.4").as(INTERVALS).items())
                .hasSize(2);
        assertThat(rest.get("/api/v1/pods/default/pod-b/addresses")
                        .as(INTERVALS)
                        .items())
                .hasSize(1);
    }

    private List<String> holderAt(Instant at) {
        return rest.get("/api/v1/addresses/192.168.0.4?at=" + at).as(INTERVALS).items().stream()
                .map(interval -> interval.allocation().containerId())
                .toList();
    }

    @Test
    void auditIsPagedNewestFirst() {
        long epoch = session(1, "s", 0L).epoch();
        var events = new LedgerEvent[25];
        for (int i = 0; i < events.length; i++) {
            events[i] = Samples.allocated(i + 1, "192.168.0." + (i + 10), "c" + i);
        }
        stored(1, epoch, events);
        var seen = new ArrayList<String>();
        String cursor = "";
        while (cursor != null) {
            var page = rest.get("/api/v1/audit?node=node1&limit=10&cursor=" + cursor)
                    .as(INTERVALS);
            page.items().forEach(interval -> seen.add(interval.allocation().containerId()));
            cursor = page.next();
        }
        assertThat(seen).hasSize(25).doesNotHaveDuplicates().startsWith("c24").endsWith("c0");
    }
}
