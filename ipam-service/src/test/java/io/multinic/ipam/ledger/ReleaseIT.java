package io.multinic.ipam.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.AllocationInterval;
import io.multinic.contract.wire.AuditEvent;
import io.multinic.contract.wire.Conflict;
import io.multinic.contract.wire.ConflictKind;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.LedgerReceipt;
import io.multinic.contract.wire.Page;
import io.multinic.contract.wire.ReleaseProof;
import io.multinic.contract.wire.ReleaseRequest;
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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.core.type.TypeReference;

/// Release of held addresses by an administrator, and the conflicts with later events of their nodes.
class ReleaseIT {
    private static final TypeReference<Page<AuditEvent>> EVENTS = new TypeReference<>() {};
    private static final TypeReference<Page<Conflict>> CONFLICTS = new TypeReference<>() {};
    private static final ReleaseRequest FORCE = new ReleaseRequest(null, true, "disk lost", null);

    private final Rest rest = TestService.shared().rest();
    private final Database database = TestService.sharedDatabase();
    private long epoch;

    /// Container a on node1 holds 192.168.0.4.
    @BeforeEach
    void oneHolder() throws SQLException {
        database.clear();
        rest.put("/api/v1/networks/net", Samples.network("net"));
        rest.put("/api/v1/nodes/node1", Samples.node(1));
        rest.put("/api/v1/nodes/node2", Samples.node(2));
        epoch = session(1, 0L).epoch();
        store(1, epoch, Samples.allocated(1, "192.168.0.4", "a"));
    }

    private SessionGrant session(int node, long confirmed, Allocation... live) {
        return rest.post(
                        "/api/v1/nodes/node" + node + "/session",
                        new SessionRequest("uid-" + node, "s", confirmed, List.of(live)))
                .as(SessionGrant.class);
    }

    private void store(int node, long inEpoch, LedgerEvent... events) {
        rest.post("/api/v1/nodes/node" + node + "/ledger", Samples.batch(node, inEpoch, events))
                .as(LedgerReceipt.class);
    }

    private Rest.Answer release(String ip, ReleaseRequest request) {
        return rest.post("/api/v1/networks/net/addresses/" + ip + "/release", request);
    }

    private static ReleaseRequest proofs(Instant pod, Instant sandbox) {
        return new ReleaseRequest(
                List.of(
                        new ReleaseProof(ReleaseProof.Kind.POD_ABSENT, pod, "kubectl get pod"),
                        new ReleaseProof(ReleaseProof.Kind.SANDBOX_ABSENT, sandbox, "crictl pods")),
                null,
                null,
                null);
    }

    private List<Conflict> conflicts(String query) {
        return rest.get("/api/v1/conflicts?" + query).as(CONFLICTS).items();
    }

    private List<String> holders() {
        var holders = new ArrayList<String>();
        rest.get("/api/v1/audit?open=true")
                .json()
                .path("items")
                .forEach(item ->
                        holders.add(item.path("allocation").path("containerId").asString()));
        return holders;
    }

    private List<AuditEvent> releases() {
        return rest.get("/api/v1/audit/actions?action=ADDRESS_RELEASED")
                .as(EVENTS)
                .items();
    }

    @Test
    void releaseWithTwoProofsEndsTheInterval() {
        Instant before = Instant.now();
        var released = release("192.168.0.4", proofs(before.minusSeconds(90), before.minusSeconds(30)))
                .as(AllocationInterval.class);
        assertThat(released.node()).isEqualTo("node1");
        assertThat(released.allocation().containerId()).isEqualTo("a");
        assertThat(released.to()).isBetween(before, Instant.now());
        assertThat(holders()).isEmpty();
        assertThat(releases()).singleElement().satisfies(event -> {
            assertThat(event.network()).isEqualTo("net");
            assertThat(event.node()).isEqualTo("node1");
            assertThat(event.object()).isEqualTo("192.168.0.4");
            assertThat(event.caller()).isEqualTo("anonymous");
            assertThat(event.details().get("proofs")).asString().contains("POD_ABSENT", "crictl pods");
            assertThat(event.details()).containsEntry("forced", false);
        });
    }

    @ParameterizedTest(name = "{0} s and {1} s ago")
    @CsvSource({"90, 70", "90, -5", "100000000, 30"})
    void weakProofsReleaseNothing(long pod, long sandbox) {
        var answer = release(
                "192.168.0.4",
                proofs(Instant.now().minusSeconds(pod), Instant.now().minusSeconds(sandbox)));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.detail()).contains("proofs");
        assertThat(holders()).containsExactly("a");
        assertThat(releases()).isEmpty();
    }

    @Test
    void forcedReleaseNeedsReasonAndNoProof() {
        assertThat(release("192.168.0.4", new ReleaseRequest(null, true, null, null))
                        .detail())
                .contains("reason is missing");
        assertThat(holders()).containsExactly("a");
        assertThat(release("192.168.0.4", FORCE).status()).isEqualTo(200);
        assertThat(holders()).isEmpty();
        assertThat(releases())
                .singleElement()
                .satisfies(event -> assertThat(event.reason()).isEqualTo("disk lost"));
    }

    @Test
    void addressNotHeldCannotBeReleased() {
        var never = release("192.168.0.5", FORCE);
        assertThat(never.status()).isEqualTo(409);
        assertThat(never.code()).isEqualTo("ADDRESS_NOT_HELD");
        release("192.168.0.4", FORCE);
        assertThat(release("192.168.0.4", FORCE).code()).as("second release").isEqualTo("ADDRESS_NOT_HELD");
        assertThat(rest.post("/api/v1/networks/nowhere/addresses/192.168.0.4/release", FORCE)
                        .code())
                .isEqualTo("NETWORK_UNKNOWN");
        assertThat(releases()).hasSize(1);
    }

    @Test
    void releaseNamingAnotherHolderIsRefused() {
        var answer = release("192.168.0.4", new ReleaseRequest(null, true, "r", "b"));
        assertThat(answer.code()).isEqualTo("ADDRESS_NOT_HELD");
        assertThat(answer.detail()).contains("default/pod-a", "sandbox a");
        assertThat(holders()).containsExactly("a");
        assertThat(release("192.168.0.4", new ReleaseRequest(null, true, "r", "a"))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void eventOfReleasedHolderIsNotAConflict() {
        release("192.168.0.4", FORCE);
        assertThat(conflicts("open=true")).singleElement().satisfies(conflict -> {
            assertThat(conflict.kind()).isEqualTo(ConflictKind.RELEASED);
            assertThat(conflict.allocation().containerId()).isEqualTo("a");
            assertThat(conflict.holder()).isNull();
        });
        store(1, epoch, Samples.freed(2, "192.168.0.4", "a"));
        assertThat(conflicts("open=true")).isEmpty();
        assertThat(conflicts("kind=NOT_HELD")).isEmpty();
        store(1, epoch, Samples.freed(3, "192.168.0.4", "a"));
        assertThat(conflicts("kind=NOT_HELD"))
                .as("resolves the conflict once only")
                .hasSize(1);
    }

    @Test
    void eventOfReleasedHolderDoesNotEndTheNextHolder() {
        release("192.168.0.4", FORCE);
        store(1, epoch, Samples.allocated(2, "192.168.0.4", "b"), Samples.freed(3, "192.168.0.4", "a"));
        assertThat(holders()).containsExactly("b");
        assertThat(conflicts("open=true")).isEmpty();
    }

    @Test
    void sessionAfterLostEventsReopensReleasedAddress() throws SQLException {
        release("192.168.0.4", FORCE);
        database.execute("UPDATE journal SET stored_through = 0");
        session(1, 1, Samples.allocation("net", "192.168.0.4", "a"));
        assertThat(holders()).containsExactly("a");
        assertThat(conflicts("open=true")).isEmpty();
    }

    @Test
    void waitingClaimGetsTheReleasedAddress() {
        long two = session(2, 0L).epoch();
        store(2, two, Samples.allocated(1, "192.168.0.4", "c"));
        assertThat(conflicts("kind=ADDRESS_HELD&open=true")).singleElement().satisfies(conflict -> {
            assertThat(conflict.node()).isEqualTo("node2");
            assertThat(conflict.holder()).isNotNull();
            assertThat(conflict.holder().node()).isEqualTo("node1");
        });
        release("192.168.0.4", FORCE);
        assertThat(holders()).containsExactly("c");
        assertThat(conflicts("kind=ADDRESS_HELD&open=true")).isEmpty();
        assertThat(conflicts("kind=RELEASED"))
                .singleElement()
                .satisfies(conflict -> assertThat(conflict.holder().node()).isEqualTo("node2"));
    }

    @Test
    void conflictsAreFilteredAndPaged() {
        for (int i = 0; i < 25; i++) {
            store(1, epoch, Samples.freed(i + 2, "192.168.0." + (i + 100), "x" + i));
        }
        assertThat(conflicts("limit=1000")).hasSize(25).allSatisfy(conflict -> {
            assertThat(conflict.kind()).isEqualTo(ConflictKind.NOT_HELD);
            assertThat(conflict.resolvedAt()).isNotNull();
        });
        assertThat(conflicts("network=net&node=node1&open=false&limit=1000")).hasSize(25);
        assertThat(conflicts("node=node2")).isEmpty();
        assertThat(conflicts("network=other")).isEmpty();
        assertThat(conflicts("open=true")).isEmpty();
        var seen = new ArrayList<String>();
        String cursor = "";
        while (cursor != null) {
            var page = rest.get("/api/v1/conflicts?limit=10&cursor=" + cursor).as(CONFLICTS);
            page.items().forEach(conflict -> seen.add(conflict.allocation().containerId()));
            cursor = page.next();
        }
        assertThat(seen).hasSize(25).doesNotHaveDuplicates().startsWith("x24").endsWith("x0");
        assertThat(rest.get("/api/v1/conflicts?kind=OTHER").code()).isEqualTo("INVALID_REQUEST");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | proofs",
                "{\"force\": \"yes\", \"reason\": \"r\"} | force",
                "{\"force\": true, \"reason\": \" \"} | reason",
                "{\"force\": false, \"reason\": \"r\"} | proofs",
                "{\"proofs\": [{\"kind\": \"HEARSAY\", \"observedAt\": \"2026-11-24T08:00:00Z\", \"by\": \"x\"}]} | proofs[0].kind",
                "{\"proofs\": [{\"kind\": \"POD_ABSENT\", \"observedAt\": \"now\", \"by\": \"x\"}]} | proofs[0].observedAt",
                "{\"proofs\": [{\"kind\": \"POD_ABSENT\", \"observedAt\": \"2026-11-24T08:00:00Z\", \"by\": \"\"}]} | proofs.by",
                "{\"proofs\": [null]} | proofs",
                "{\"force\": true, \"reason\": \"r\", \"containerId\": \"\"} | containerId"
            })
    void badInputReleasesNothing(String body, String says) {
        var answer = rest.post("/api/v1/networks/net/addresses/192.168.0.4/release", body);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.code()).isEqualTo("INVALID_REQUEST");
        assertThat(answer.detail()).contains(says);
        assertThat(holders()).containsExactly("a");
    }

    @Test
    void badAddressIsRefused() {
        assertThat(release("192.168.0.400", FORCE).code()).isEqualTo("INVALID_REQUEST");
    }
}
