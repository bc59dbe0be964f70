package io.multinic.agent.ledger;

import static io.multinic.agent.reconcile.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.identity.NodeIdentity;
import io.multinic.agent.ipam.FakeIpamService;
import io.multinic.agent.ipam.HttpNodeIpamClient;
import io.multinic.agent.plan.FakePlanCache;
import io.multinic.agent.plan.KnownPlan;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.retry.Backoff;
import io.multinic.contract.trust.Credentials;
import io.multinic.contract.wire.LedgerBatch;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NetworkPlan;
import io.multinic.contract.wire.NicBlock;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.PlanStatement;
import io.multinic.contract.wire.StatedBlock;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Session and delivery against a strict fake of ipam-service over HTTP.
@Timeout(60)
class LedgerUplinkIT {
    private static final String NODE = "node1";
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

    @TempDir
    private Path disk;

    private final FakeIpamService service = new FakeIpamService(NODE);
    private final FakeOutbox outbox = new FakeOutbox("store-1");
    private final FakePlanCache plans = new FakePlanCache();
    private final List<HttpNodeIpamClient> clients = new ArrayList<>();
    private final List<LedgerUplink> uplinks = new ArrayList<>();
    private NodeIdentity identity;
    /// Of the uplink that was started last.
    private NodeSession session;
    /// So long that only a wake-up can cause a delivery: an early report would hide a lost wake-up.
    private Duration report = Duration.ofHours(1);
    private Duration timeout = Duration.ofSeconds(5);

    @BeforeEach
    void identify() {
        identity = new NodeIdentity(disk.resolve("node-uid"));
        identity.learn("uid-1");
        service.know("uid-1");
    }

    @AfterEach
    void stop() {
        uplinks.forEach(LedgerUplink::close);
        clients.forEach(HttpNodeIpamClient::close);
        service.close();
    }

    private LedgerUplink start() {
        return start(outbox);
    }

    private LedgerUplink start(FakeOutbox journal) {
        var client = new HttpNodeIpamClient(service.uri(), Credentials.none(), NODE, Duration.ofSeconds(5), timeout);
        clients.add(client);
        var retry = new Backoff(Duration.ofMillis(5), Duration.ofMillis(50), new Random(1));
        var timing = new LedgerUplink.Timing(retry, report, () -> NOW);
        session = new NodeSession(client, journal, plans, () -> NOW);
        var uplink = new LedgerUplink(client, journal, identity, session, timing);
        uplink.planApplied(7);
        uplinks.add(uplink);
        uplink.start();
        return uplink;
    }

    private void allocate(int from, int to) {
        for (int number = from; number <= to; number++) {
            outbox.allocate(number);
        }
    }

    private void awaitStored(int count) {
        eventually(() -> service.stored().size() >= count && outbox.pending(1).isEmpty());
        assertThat(service.stored())
                .extracting(LedgerEvent::sequence)
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, count).boxed().toList());
    }

    private LedgerUplink startWithOneEvent() {
        LedgerUplink uplink = start();
        allocate(1, 1);
        awaitStored(1);
        return uplink;
    }

    /// An uplink whose second event comes after another agent has opened a session.
    private LedgerUplink superseded() {
        LedgerUplink uplink = startWithOneEvent();
        service.anotherSession();
        allocate(2, 2);
        eventually(() -> uplink.status().state() == LedgerUplink.State.SUPERSEDED);
        return uplink;
    }

    private static void assertDown(LedgerUplink uplink) {
        assertThat(new LedgerHealthIndicator(uplink).health().getStatus().getCode())
                .isEqualTo("DOWN");
    }

    @Test
    void eventsFromBeforeAndAfterTheStartArriveInOrder() {
        allocate(1, 3);
        LedgerUplink uplink = start();
        awaitStored(3);
        allocate(4, 5);
        awaitStored(5);

        assertThat(uplink.status().state()).isEqualTo(LedgerUplink.State.CONNECTED);
        assertThat(service.sessions()).hasSize(1);
        assertThat(service.sessions().getFirst().live()).hasSize(3);
    }

    @Test
    void deliveryContinuesAfterAnError() {
        LedgerUplink uplink = startWithOneEvent();
        outbox.failOnce(new OutOfMemoryError("thrown by the test"));
        allocate(2, 2);
        awaitStored(2);
        eventually(() -> uplink.status().lastError().isEmpty());
    }

    @Test
    void manyEventsAreSentInBatches() {
        allocate(1, 1201);
        start();
        awaitStored(1201);

        assertThat(service.batches()).isEqualTo(3);
    }

    @Test
    void retiredNodeKeepsItsEventsUntilItIsKnownAgain() {
        LedgerUplink uplink = start();
        session.onRetired(_ -> {
            throw new IllegalStateException("fault of a listener");
        });
        allocate(1, 1);
        awaitStored(1);

        service.retire();
        allocate(2, 2);
        eventually(() -> uplink.status().lastError().orElse("").contains("with 410"));
        assertThat(outbox.pending(1)).as("kept").hasSize(1);

        service.know("uid-1");
        awaitStored(2);
        assertThat(uplink.status().state()).isEqualTo(LedgerUplink.State.CONNECTED);
    }

    @Test
    void retirementListenerGetsTheUid() {
        start();
        List<String> retired = new CopyOnWriteArrayList<>();
        session.onRetired(retired::add);
        allocate(1, 1);
        awaitStored(1);

        service.retire();
        session.request();
        eventually(() -> retired.contains("uid-1"));
    }

    @Test
    void retiredNodeRechecksItsUid() {
        startWithOneEvent();
        var doubts = new CopyOnWriteArrayList<String>();
        identity.onRecheck(() -> doubts.add("doubt"));

        service.retire();
        allocate(2, 2);
        eventually(() -> !doubts.isEmpty());
    }

    @Test
    void eventsAreStoredExactlyOnceAfterAnOutage() {
        LedgerUplink uplink = start();
        allocate(1, 2);
        awaitStored(2);

        service.down(true);
        allocate(3, 700);
        eventually(() -> uplink.status().lastError().isPresent());
        assertThat(uplink.status().pending()).isEqualTo(698);
        assertThat(uplink.status().oldest())
                .contains(outbox.pending(1).getFirst().at());

        service.down(false);
        awaitStored(700);
        eventually(() -> uplink.status().lastError().isEmpty());
        assertThat(service.sessions()).hasSize(1);
    }

    @Test
    void sessionSurvivesARejectedToken() {
        LedgerUplink uplink = startWithOneEvent();

        service.wants("another");
        allocate(2, 2);
        eventually(() -> uplink.status().lastError().orElse("").contains("with 401"));

        service.wants(null);
        awaitStored(2);
        assertThat(service.sessions()).hasSize(1);
    }

    @Test
    void lostAnswerCausesNoSecondEvent() {
        start();
        service.loseAnswers(true);
        allocate(1, 10);
        eventually(() -> service.batches() > 3);
        service.loseAnswers(false);

        awaitStored(10);
    }

    @Test
    void eventsAreStoredOnceAcrossARestart() {
        start();
        service.loseAnswers(true);
        allocate(1, 5);
        eventually(() -> service.stored().size() == 5);
        uplinks.getFirst().close();
        service.loseAnswers(false);

        start();
        allocate(6, 6);
        awaitStored(6);
        assertThat(service.sessions().getLast().confirmed()).isZero();
    }

    @Test
    void supersededUplinkSendsNoMoreAndIsDown() {
        LedgerUplink uplink = superseded();
        assertThat(uplink.status().lastError().orElseThrow()).contains("session 2", "session 1");
        assertDown(uplink);

        int batches = service.batchesOf(1);
        allocate(3, 3);
        // The deliveries of the newer uplink take longer than one of the old uplink would.
        var newer = new FakeOutbox("store-2");
        start(newer);
        for (int event = 1; event <= 10; event++) {
            newer.allocate(event);
            eventually(() -> newer.pending(1).isEmpty());
        }
        assertThat(service.batchesOf(1)).isEqualTo(batches);
        assertThat(service.sessions()).hasSize(2);
        assertThat(uplink.status().state()).isEqualTo(LedgerUplink.State.SUPERSEDED);
    }

    /// An uplink that timed out on several requests for a session before it got one.
    private LedgerUplink afterTimeouts() {
        timeout = Duration.ofMillis(100);
        service.delaySessions(true);
        LedgerUplink uplink = start();
        eventually(() -> service.sessions().size() >= 2);
        service.delaySessions(false);
        allocate(1, 1);
        awaitStored(1);
        return uplink;
    }

    @Test
    void ownSessionThatIsOpenedLateDoesNotSupersede() throws InterruptedException {
        LedgerUplink uplink = afterTimeouts();

        assertThat(service.openDelayedSessions()).isPositive();
        allocate(2, 2);
        awaitStored(2);
        assertThat(uplink.status().state()).isEqualTo(LedgerUplink.State.CONNECTED);
    }

    @Test
    void moreLateSessionsThanRequestedSupersede() throws InterruptedException {
        LedgerUplink uplink = afterTimeouts();

        service.openDelayedSessions();
        for (int session = 0; session < 100; session++) {
            service.anotherSession();
        }
        allocate(2, 2);
        eventually(() -> uplink.status().state() == LedgerUplink.State.SUPERSEDED);

        assertThat(service.stored()).hasSize(1);
    }

    @Test
    void newSessionRestoresALedgerThatLostItsDatabase() {
        LedgerUplink uplink = start();
        allocate(1, 4);
        awaitStored(4);

        service.loseDatabase();
        allocate(5, 5);
        eventually(() -> outbox.pending(1).isEmpty());

        assertThat(uplink.status().state()).isEqualTo(LedgerUplink.State.CONNECTED);
        assertThat(service.sessions()).hasSize(2);
        assertThat(service.sessions().getLast().confirmed()).isEqualTo(4);
        assertThat(service.sessions().getLast().live()).hasSize(5);
        assertThat(service.stored()).extracting(LedgerEvent::sequence).containsExactly(5L);
    }

    @Test
    void unknownNodeIsRetriedAndItsUidRechecked() {
        service.know(null);
        var doubts = new ArrayList<String>();
        identity.onRecheck(() -> doubts.add("doubt"));
        allocate(1, 1);
        LedgerUplink uplink = start();
        eventually(() -> uplink.status().lastError().isPresent() && !doubts.isEmpty());

        service.know("uid-1");
        awaitStored(1);
    }

    @Test
    void newNodeUidOpensANewSession() {
        startWithOneEvent();

        service.know("uid-2");
        identity.learn("uid-2");
        eventually(() -> service.sessions().size() >= 2);
        assertThat(service.sessions().getLast().nodeUid()).isEqualTo("uid-2");
        allocate(2, 2);
        awaitStored(2);
    }

    @Test
    void newJournalIsRestoredBeforeTheFirstSessionCounts() throws InterruptedException {
        service.holds(List.of(FakeOutbox.allocation(7), FakeOutbox.allocation(8)));
        allocate(8, 8);
        start();
        session.awaitFirst();

        assertThat(outbox.live()).containsExactly(FakeOutbox.allocation(8), FakeOutbox.allocation(7));
        awaitStored(1);
    }

    @Test
    void journalThatWasSetBackContinuesUnderANewStoreId() {
        allocate(1, 5);
        LedgerUplink before = start();
        awaitStored(5);
        before.close();

        var copy = new FakeOutbox("store-1");
        copy.allocate(1);
        copy.allocate(2);
        service.holds(List.of(FakeOutbox.allocation(2), FakeOutbox.allocation(4)));
        LedgerUplink uplink = start(copy);
        eventually(() -> copy.pending(1).isEmpty());
        assertThat(copy.storeId()).isNotEqualTo("store-1");
        assertThat(copy.live())
                .containsExactly(FakeOutbox.allocation(1), FakeOutbox.allocation(2), FakeOutbox.allocation(4));

        copy.allocate(6);
        eventually(() -> copy.pending(1).isEmpty());
        assertThat(service.stored().subList(5, service.stored().size()))
                .extracting(LedgerEvent::allocation)
                .containsExactly(
                        FakeOutbox.allocation(1),
                        FakeOutbox.allocation(2),
                        FakeOutbox.allocation(4),
                        FakeOutbox.allocation(6));
        assertThat(uplink.status().state()).isEqualTo(LedgerUplink.State.CONNECTED);
        assertThat(service.sessions().getLast().confirmed()).isZero();
    }

    private static KnownPlan planOf(String uid) {
        var definition = new NetworkDefinition(
                "multi-nic-sample", List.of(Cidr.parse("192.168.0.0/16")), List.of(), 2, 6, List.of(), true);
        var block = new NicBlock(
                "eth1",
                Cidr.parse("10.0.1.0/24"),
                0,
                3,
                Cidr.parse("192.168.0.0/18"),
                Cidr.parse("192.168.3.0/24"),
                List.of());
        var network = new NetworkPlan(definition, 4, List.of(block), List.of());
        return KnownPlan.first(new NodePlan(NODE, uid, 9, List.of(network)), "history");
    }

    @Test
    void sessionStatesTheBlocksOfThePlanOnDisk() throws InterruptedException {
        plans.save(planOf("uid-1"));
        start();
        session.awaitFirst();

        var stated = Objects.requireNonNull(service.sessions().getFirst().plan());
        assertThat(stated.history()).isEqualTo("history");
        assertThat(stated.revision()).isEqualTo(9);
        assertThat(stated.blocks())
                .containsExactly(new StatedBlock(
                        "multi-nic-sample",
                        4,
                        "eth1",
                        Cidr.parse("10.0.1.0/24"),
                        0,
                        3,
                        Cidr.parse("192.168.0.0/18"),
                        Cidr.parse("192.168.3.0/24")));
    }

    @Test
    void blocksOfAnotherNodeUidAreNotStated() throws InterruptedException {
        plans.save(planOf("uid-0"));
        start();
        session.awaitFirst();

        assertThat(service.sessions().getFirst().plan()).isEqualTo(new PlanStatement("", 0, List.of()));
    }

    @Test
    void awaitNextWaitsForASessionOpenedAfterwards() throws InterruptedException {
        start();
        session.awaitFirst();
        allocate(1, 2);
        awaitStored(2);

        plans.save(planOf("uid-1"));
        session.awaitNext();

        assertThat(service.sessions()).hasSize(2);
        assertThat(Objects.requireNonNull(service.sessions().getLast().plan()).blocks())
                .hasSize(1);
        allocate(3, 3);
        awaitStored(3);
    }

    @Test
    void awaitNextReturnsIfTheSessionWasSuperseded() throws InterruptedException {
        superseded();

        session.awaitNext();

        assertThat(service.sessions()).hasSize(1);
    }

    @Test
    void lastBatchStatesTheTimeUpToWhichEventsAreComplete() {
        allocate(1, 700);
        start();
        awaitStored(700);

        assertThat(service.reports())
                .extracting(LedgerBatch::asOf)
                .as("there are more events than the first batch has")
                .containsExactly(null, NOW);
        assertThat(service.reports()).extracting(LedgerBatch::planRevision).containsOnly(7L);
    }

    @Test
    void reportIsNotRepeatedBeforeItIsDue() {
        start();
        eventually(() -> service.reports().size() == 1);
        for (int event = 1; event <= 5; event++) {
            allocate(event, event);
            awaitStored(event);
        }
        assertThat(service.reports()).as("one at once, and one with each event").hasSize(6);
    }

    @Test
    void agentWithoutEventsReportsPeriodically() {
        report = Duration.ofMillis(20);
        start();
        eventually(() -> service.reports().size() >= 3);

        assertThat(service.reports()).allSatisfy(batch -> {
            assertThat(batch.events()).isEmpty();
            assertThat(batch.asOf()).isEqualTo(NOW);
        });
        assertThat(service.sessions()).hasSize(1);
    }

    @Test
    void rejectedEventIsKeptAndMakesTheUplinkDown() {
        LedgerUplink uplink = startWithOneEvent();

        service.refuse(true);
        allocate(2, 2);
        eventually(() -> uplink.status().state() == LedgerUplink.State.REFUSED);
        int batches = service.batches();
        eventually(() -> service.batches() > batches + 2);
        assertThat(uplink.status().state()).isEqualTo(LedgerUplink.State.REFUSED);
        assertThat(uplink.status().lastError().orElseThrow()).contains("400", "said the fake");
        assertDown(uplink);
        assertThat(service.sessions()).as("a new session would not help").hasSize(1);

        service.refuse(false);
        awaitStored(2);
        eventually(() -> uplink.status().state() == LedgerUplink.State.CONNECTED);
    }

    @Test
    void rejectedSessionKeepsTheUplinkDown() {
        LedgerUplink uplink = startWithOneEvent();

        List<LedgerUplink.State> states = new CopyOnWriteArrayList<>();
        service.refuseSessions(() -> states.add(uplink.status().state()));
        session.request();
        eventually(() -> states.size() >= 4);
        assertThat(states.subList(1, 4)).containsOnly(LedgerUplink.State.REFUSED);
        assertDown(uplink);
    }
}
