package io.multinic.agent.plan;

import static io.multinic.agent.reconcile.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.multinic.agent.identity.NodeIdentity;
import io.multinic.agent.ipam.FakeIpamService;
import io.multinic.agent.ipam.HttpNodeIpamClient;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.retry.Backoff;
import io.multinic.contract.trust.Credentials;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NetworkPlan;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.PeerChange;
import io.multinic.contract.wire.PlanChange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Plan polls against a strict fake of ipam-service over HTTP.
@Timeout(60)
class PlanFollowerIT {
    private static final String NODE = "node1.example";

    @TempDir
    private Path disk;

    private final FakeIpamService service = new FakeIpamService(NODE);
    private final FakePlanCache cache = new FakePlanCache();
    private final List<NodePlan> notified = Collections.synchronizedList(new ArrayList<>());
    private final List<HttpNodeIpamClient> clients = new ArrayList<>();
    private final List<PlanFollower> followers = new ArrayList<>();
    /// Number of waits that were computed; at least as many as were waited.
    private final AtomicInteger pauses = new AtomicInteger();
    private NodeIdentity identity;

    @BeforeEach
    void identify() {
        identity = new NodeIdentity(disk.resolve("node-uid"));
        identity.learn("uid-1");
        service.know("uid-1");
    }

    @AfterEach
    void stop() {
        followers.forEach(PlanFollower::close);
        clients.forEach(HttpNodeIpamClient::close);
        service.close();
    }

    /// Fake sessions that the test opens.
    private static final class TestSessions implements PlanFollower.Sessions {
        private final CountDownLatch firstAwaited = new CountDownLatch(1);
        private final CountDownLatch first = new CountDownLatch(1);
        private final AtomicInteger requested = new AtomicInteger();
        private final BlockingQueue<String> awaited = new LinkedBlockingQueue<>();
        private final Semaphore opened = new Semaphore(0);
        private final List<Consumer<String>> retired = new CopyOnWriteArrayList<>();

        static TestSessions open() {
            var sessions = new TestSessions();
            sessions.first.countDown();
            return sessions;
        }

        @Override
        public void awaitFirst() throws InterruptedException {
            firstAwaited.countDown();
            first.await();
        }

        @Override
        public void request() {
            requested.incrementAndGet();
        }

        @Override
        public void onRetired(Consumer<String> listener) {
            retired.add(listener);
        }

        void retire(String uid) {
            retired.forEach(listener -> listener.accept(uid));
        }

        @Override
        public void awaitNext() throws InterruptedException {
            awaited.add("session");
            opened.acquire();
        }
    }

    private PlanFollower follower() {
        return follower(TestSessions.open());
    }

    private PlanFollower follower(TestSessions sessions) {
        return follower(sessions, Credentials.none());
    }

    private PlanFollower follower(TestSessions sessions, Credentials credentials) {
        var client =
                new HttpNodeIpamClient(service.uri(), credentials, NODE, Duration.ofSeconds(5), Duration.ofSeconds(5));
        clients.add(client);
        var random = new Random(1);
        RandomGenerator counted = () -> {
            pauses.incrementAndGet();
            return random.nextLong();
        };
        var retry = new Backoff(Duration.ofMillis(5), Duration.ofMillis(50), counted);
        var follower = new PlanFollower(
                client,
                cache,
                identity,
                sessions,
                new PlanFollower.Timing(Duration.ofSeconds(2), retry, Clock.systemUTC()));
        follower.onChange(notified::add);
        followers.add(follower);
        return follower;
    }

    private void save(NodePlan plan) {
        cache.save(KnownPlan.first(plan, ""));
    }

    private Optional<NodePlan> onDisk() {
        return cache.load().map(KnownPlan::plan);
    }

    private static NodePlan plan(String uid, long revision) {
        return new NodePlan(NODE, uid, revision, List.of());
    }

    private static void awaitRevision(PlanFollower follower, long revision) {
        eventually(() -> follower.plan().map(NodePlan::revision).equals(Optional.of(revision)));
    }

    @Test
    void planOfARetiredNodeIsWithdrawnInMemoryAndOnDisk() {
        var sessions = TestSessions.open();
        PlanFollower follower = follower(sessions);
        service.publish(plan("uid-1", 7));
        follower.start();
        awaitRevision(follower, 7);

        service.retire();
        sessions.retire("uid-1");
        assertThat(follower.plan()).isEmpty();
        assertThat(onDisk()).as("plan of a restarted agent").isEmpty();

        service.know("uid-1");
        service.publish(plan("uid-1", 9));
        awaitRevision(follower, 9);
        assertThat(onDisk()).isPresent();
    }

    @Test
    void pollsContinueAfterAnError() {
        PlanFollower follower = follower();
        var thrown = new AtomicInteger();
        follower.onChange(_ -> {
            if (thrown.incrementAndGet() == 1) {
                throw new NoClassDefFoundError("thrown by the test");
            }
        });
        service.publish(plan("uid-1", 7));
        follower.start();
        eventually(() -> thrown.get() > 0);

        service.publish(plan("uid-1", 8));
        awaitRevision(follower, 8);
        eventually(() -> follower.status().lastError().isEmpty());
    }

    @Test
    void planSurvivesTheRetirementOfAnotherUid() {
        save(plan("uid-1", 7));
        service.publish(plan("uid-1", 7));
        var sessions = TestSessions.open();
        PlanFollower follower = follower(sessions);
        follower.start();

        sessions.retire("uid-0");
        assertThat(follower.plan()).isPresent();
        assertThat(onDisk()).isPresent();
    }

    @Test
    void withdrawalThatTheDiskRefusesIsRepeated() {
        save(plan("uid-1", 7));
        service.retire();
        var sessions = TestSessions.open();
        PlanFollower follower = follower(sessions);
        follower.start();
        cache.full(true);
        assertThatThrownBy(() -> sessions.retire("uid-1")).isInstanceOf(IllegalStateException.class);
        assertThat(follower.plan()).as("at least this process").isEmpty();

        cache.full(false);
        sessions.retire("uid-1");
        assertThat(onDisk()).isEmpty();
    }

    @Test
    void changeIsOnDiskBeforeListenersAreCalled() {
        var onDisk = new ArrayList<Optional<NodePlan>>();
        PlanFollower follower = follower();
        follower.onChange(_ -> onDisk.add(onDisk()));
        follower.start();
        service.publish(plan("uid-1", 1));
        awaitRevision(follower, 1);
        service.publish(plan("uid-1", 2));
        awaitRevision(follower, 2);

        eventually(() -> notified.size() == 2 && onDisk.size() == 2);
        assertThat(notified).containsExactly(plan("uid-1", 1), plan("uid-1", 2));
        assertThat(onDisk).containsExactly(Optional.of(notified.get(0)), Optional.of(notified.get(1)));
    }

    @Test
    void rejectedTokenIsAnOutageUntilItIsRenewed() throws IOException {
        Path token = disk.resolve("token");
        PlanFollower follower = follower(TestSessions.open(), new Credentials(token, null));
        service.publish(plan("uid-1", 1));
        service.wants("second");
        follower.start();
        eventually(() -> lastError(follower).contains("token file " + token + " cannot be read"));

        Files.writeString(token, "first");
        eventually(() -> lastError(follower).contains("with 401: said the fake"));
        assertThat(lastError(follower)).doesNotContain("first");

        Files.writeString(token, "second");
        awaitRevision(follower, 1);
        assertThat(follower.status().lastError()).isEmpty();
    }

    private static String lastError(PlanFollower follower) {
        return follower.status().lastError().orElse("");
    }

    @Test
    void pollIsHeldWhileThePlanDoesNotChange() {
        service.publish(plan("uid-1", 1));
        PlanFollower follower = follower();
        follower.start();
        awaitRevision(follower, 1);
        int polls = service.polls();

        eventually(() -> service.polls() == polls + 2);

        assertThat(notified).hasSize(1);
        assertThat(follower.status().lastError()).isEmpty();
    }

    @Test
    void planStaysInUseDuringAnOutageAndIsUpdatedAfterwards() {
        service.publish(plan("uid-1", 1));
        PlanFollower follower = follower();
        follower.start();
        awaitRevision(follower, 1);

        service.down(true);
        eventually(() -> follower.status().lastError().isPresent());
        assertThat(follower.status().lastError().orElseThrow()).contains("503", "said the fake");
        assertThat(follower.plan()).contains(plan("uid-1", 1));

        service.publish(plan("uid-1", 2));
        service.down(false);
        awaitRevision(follower, 2);
        eventually(() -> follower.status().lastError().isEmpty());
    }

    @Test
    void restartDuringAnOutageUsesThePlanOnDisk() {
        save(plan("uid-1", 7));
        service.down(true);
        PlanFollower follower = follower(new TestSessions());

        assertThat(follower.plan()).contains(plan("uid-1", 7));
        follower.start();
        eventually(() -> follower.status().lastError().isPresent());
        assertThat(follower.plan()).contains(plan("uid-1", 7));
    }

    @Test
    void planOfAnotherNodeUidIsNeverUsed() {
        save(plan("uid-0", 7));
        service.publish(plan("uid-0", 8));
        var doubts = new CountDownLatch(1);
        identity.onRecheck(doubts::countDown);
        PlanFollower follower = follower();
        follower.start();

        eventually(() -> service.polls() > 3 && doubts.getCount() == 0);
        assertThat(follower.plan()).isEmpty();
        assertThat(notified).isEmpty();

        service.publish(plan("uid-1", 9));
        awaitRevision(follower, 9);
    }

    @Test
    void replacedMachineLosesTheOldPlanAtOnce() {
        service.publish(plan("uid-1", 1));
        PlanFollower follower = follower();
        follower.start();
        awaitRevision(follower, 1);

        identity.learn("uid-2");
        assertThat(follower.plan()).isEmpty();
        service.publish(plan("uid-2", 2));
        awaitRevision(follower, 2);
    }

    @Test
    void pollIsRepeatedWhileTheNodeIsUnknown() {
        service.know(null);
        PlanFollower follower = follower();
        follower.start();
        eventually(() -> follower.status().lastError().isPresent());

        service.know("uid-1");
        service.publish(plan("uid-1", 1));
        awaitRevision(follower, 1);
    }

    @Test
    void lowerRevisionIsANewPlan() {
        service.publish(plan("uid-1", 50));
        PlanFollower follower = follower();
        follower.start();
        awaitRevision(follower, 50);

        service.publish(plan("uid-1", 3));
        awaitRevision(follower, 3);
    }

    private static PlanChange peer(long base, long revision, int node) {
        return new PlanChange(
                base,
                revision,
                List.of(),
                List.of(),
                List.of(new PeerChange(
                        "net",
                        0,
                        "node" + node,
                        Cidr.parse("192.168." + node + ".0/24"),
                        IpAddress.parse("10.0.1." + node))));
    }

    private static NodePlan planWithNetwork(long revision) {
        var definition =
                new NetworkDefinition("net", List.of(Cidr.parse("192.168.0.0/16")), List.of(), 2, 6, List.of(), true);
        return new NodePlan(NODE, "uid-1", revision, List.of(new NetworkPlan(definition, 0, List.of(), List.of())));
    }

    @Test
    void changesAreAppliedToThePlanAndStored() {
        service.publish(planWithNetwork(1));
        PlanFollower follower = follower();
        follower.start();
        awaitRevision(follower, 1);

        service.publish(peer(1, 4, 2));
        awaitRevision(follower, 4);
        service.publish(peer(4, 5, 3));
        awaitRevision(follower, 5);

        assertThat(service.changesSent()).isEqualTo(2);
        assertThat(follower.plan())
                .contains(planWithNetwork(1).with(peer(1, 4, 2)).with(peer(4, 5, 3)));
        assertThat(onDisk()).isEqualTo(follower.plan());
    }

    @Test
    void wholePlanIsFetchedFromAnotherDatabase() {
        service.publish(planWithNetwork(7));
        PlanFollower follower = follower();
        follower.start();
        awaitRevision(follower, 7);

        service.anotherHistory(new NodePlan(NODE, "uid-1", 7, List.of()));

        eventually(() -> follower.plan().orElseThrow().networks().isEmpty());
        assertThat(service.changesSent()).isZero();
    }

    @Test
    void planFromDiskIsUpdatedByChanges() {
        cache.save(KnownPlan.first(planWithNetwork(1), "history"));
        service.publish(planWithNetwork(1));
        service.publish(peer(1, 2, 2));
        PlanFollower follower = follower();
        follower.start();
        awaitRevision(follower, 2);

        assertThat(service.changesSent()).isEqualTo(1);
        assertThat(cache.load().orElseThrow().history()).isEqualTo("history");
    }

    @Test
    void databaseThatWasSetBackGetsASessionBeforeItsPlanIsUsed() throws InterruptedException {
        var sessions = TestSessions.open();
        service.publish(planWithNetwork(7));
        PlanFollower follower = follower(sessions);
        follower.start();
        awaitRevision(follower, 7);

        service.setBack(plan("uid-1", 3));
        sessions.awaited.take();
        assertThat(follower.plan()).contains(planWithNetwork(7));
        assertThat(onDisk()).contains(planWithNetwork(7));

        service.anotherHistory(planWithNetwork(5));
        sessions.opened.release();
        eventually(() -> notified.size() == 2);
        assertThat(notified).containsExactly(planWithNetwork(7), planWithNetwork(5));
    }

    @Test
    void samePlanOfAnotherDatabaseIsStoredWithItsHistory() {
        service.publish(planWithNetwork(7));
        PlanFollower follower = follower();
        follower.start();
        awaitRevision(follower, 7);

        service.anotherHistory(planWithNetwork(7));

        eventually(() -> cache.load().orElseThrow().history().equals("history+"));
        assertThat(notified).hasSize(1);
    }

    @Test
    void unknownNodeRequestsASession() {
        var sessions = TestSessions.open();
        service.know(null);
        follower(sessions).start();

        eventually(() -> sessions.requested.get() > 0);
    }

    @Test
    void wholePlanFollowsAChangeThatCouldNotBeStored() {
        service.publish(planWithNetwork(1));
        PlanFollower follower = follower();
        follower.start();
        awaitRevision(follower, 1);

        cache.full(true);
        service.publish(peer(1, 2, 2));
        eventually(() -> follower.status().lastError().isPresent());
        cache.full(false);

        awaitRevision(follower, 2);
        assertThat(follower.plan()).contains(planWithNetwork(1).with(peer(1, 2, 2)));
    }

    @Test
    void planThatCannotBeStoredIsNotUsed() {
        service.publish(plan("uid-1", 1));
        PlanFollower follower = follower();
        follower.start();
        awaitRevision(follower, 1);

        cache.full(true);
        service.publish(plan("uid-1", 2));
        eventually(() -> follower.status().lastError().isPresent());
        assertThat(follower.plan()).contains(plan("uid-1", 1));

        cache.full(false);
        awaitRevision(follower, 2);
    }

    @Test
    void newJournalGetsNoPlanBeforeItsFirstSession() throws InterruptedException {
        var sessions = new TestSessions();
        service.publish(plan("uid-1", 1));
        PlanFollower follower = follower(sessions);
        follower.start();

        sessions.firstAwaited.await();
        assertThat(follower.plan()).isEmpty();
        assertThat(service.polls()).as("polls before the first session").isZero();

        sessions.first.countDown();
        awaitRevision(follower, 1);
    }

    @Test
    void pollsAnsweredAtOnceAreRepeatedWithPauses() {
        service.publish(plan("uid-1", 1));
        PlanFollower follower = follower();
        follower.start();
        awaitRevision(follower, 1);
        service.stopping(true);
        int paused = pauses.get();
        int polls = service.polls();

        eventually(() -> service.polls() >= polls + 6);

        // The first poll may have been held long enough, and the pause after the last may not have started.
        assertThat(pauses.get() - paused).isGreaterThanOrEqualTo(4);
    }
}
