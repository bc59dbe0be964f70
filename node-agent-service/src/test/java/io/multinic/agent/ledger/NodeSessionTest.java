package io.multinic.agent.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.multinic.agent.ipam.NodeIpamClient;
import io.multinic.agent.plan.FakePlanCache;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.LedgerBatch;
import io.multinic.contract.wire.LedgerReceipt;
import io.multinic.contract.wire.PlanUpdate;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Decisions about sessions: when one is opened, what it restores, and when it is superseded.
@Timeout(20)
class NodeSessionTest {
    private final SessionServer server = new SessionServer();
    private final FakeOutbox outbox = new FakeOutbox("store-1");
    private final NodeSession session = new NodeSession(server, outbox, new FakePlanCache(), () -> Instant.EPOCH);

    /// Fake of the session calls of ipam-service. Epochs count from 1.
    private static final class SessionServer implements NodeIpamClient {
        private final List<SessionRequest> requests = new ArrayList<>();
        private List<Allocation> restore = List.of();
        private long storedThrough;
        private long epoch;
        private boolean silent;
        private Runnable whileOpening = () -> {};

        @Override
        public SessionGrant openSession(SessionRequest request) {
            requests.add(request);
            if (silent) {
                throw new NoAnswerException("no answer", new IllegalStateException("test"));
            }
            whileOpening.run();
            long stored = request.storeId().equals("store-1") ? storedThrough : 0;
            return new SessionGrant(++epoch, stored, restore);
        }

        @Override
        public long epoch() {
            return epoch;
        }

        @Override
        public Optional<PlanUpdate> plan(long known, String history, Duration wait) {
            throw new UnsupportedOperationException();
        }

        @Override
        public LedgerReceipt store(LedgerBatch batch) {
            throw new UnsupportedOperationException();
        }
    }

    private NodeSession.Session open() throws InterruptedException {
        session.open("uid-1");
        return session.current("uid-1").orElseThrow();
    }

    @Test
    void noSessionIsOpenBeforeTheFirst() throws InterruptedException {
        assertThat(session.current("uid-1")).isEmpty();
        assertThat(open()).isEqualTo(new NodeSession.Session("uid-1", 1));
    }

    @Test
    void changedUidNeedsAnotherSession() throws InterruptedException {
        open();
        assertThat(session.current("uid-2")).isEmpty();
    }

    @Test
    void droppedSessionNeedsAnother() throws InterruptedException {
        open();
        session.drop();
        assertThat(session.current("uid-1")).isEmpty();
        assertThat(open().epoch()).isEqualTo(2);
    }

    @Test
    void severalRequestsAreServedByOneSession() throws InterruptedException {
        var wakeUps = new ArrayList<String>();
        session.onRequest(() -> wakeUps.add("request"));
        open();
        session.request();
        session.request();
        assertThat(wakeUps).hasSize(2);
        assertThat(session.current("uid-1")).isEmpty();
        assertThat(open().epoch()).isEqualTo(2);
    }

    @Test
    void waitingIsNotServedByASessionThatWasBeingOpened() throws Exception {
        open();
        var requested = new CountDownLatch(1);
        session.onRequest(requested::countDown);
        var waiting = new CompletableFuture<Void>();
        server.whileOpening = () -> {
            server.whileOpening = () -> {};
            Thread.ofVirtual().start(() -> {
                try {
                    session.awaitNext();
                    waiting.complete(null);
                } catch (InterruptedException e) {
                    waiting.completeExceptionally(e);
                }
            });
            try {
                requested.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        };
        session.open("uid-1");
        assertThat(session.current("uid-1")).as("the request is not served yet").isEmpty();
        assertThat(waiting).isNotDone();
        session.open("uid-1");
        waiting.get(10, TimeUnit.SECONDS);
    }

    @Test
    void newJournalIsRestored() throws InterruptedException {
        server.restore = List.of(FakeOutbox.allocation(7));
        open();
        session.awaitFirst();
        assertThat(outbox.live()).containsExactly(FakeOutbox.allocation(7));
    }

    @Test
    void eventsThatTheLedgerHasAreDropped() throws InterruptedException {
        outbox.allocate(1);
        outbox.allocate(2);
        server.storedThrough = 1;
        open();
        assertThat(outbox.pending(10)).hasSize(1);
        assertThat(outbox.storeId()).isEqualTo("store-1");
    }

    @Test
    void journalThatWasSetBackGetsANewStoreId() throws InterruptedException {
        outbox.allocate(1);
        server.storedThrough = 5;
        open();
        assertThat(server.requests).hasSize(2);
        assertThat(outbox.storeId())
                .isNotEqualTo("store-1")
                .isEqualTo(server.requests.getLast().storeId());
        assertThat(server.requests.getLast().confirmed()).isZero();
    }

    @ParameterizedTest(name = "{0} unanswered requests, {1} later sessions: superseded {2}")
    @CsvSource({
        "0, 0, false",
        "0, -1, false",
        "0, 1, true",
        "2, 1, false",
        "2, 2, false",
        "2, 3, true",
        "1, 100, true",
    })
    void sessionIsSupersededByMoreLaterSessionsThanRequestsWithoutAnswer(int unanswered, int later, boolean superseded)
            throws InterruptedException {
        server.silent = true;
        for (int request = 0; request < unanswered; request++) {
            assertThatThrownBy(this::open).isInstanceOf(NodeIpamClient.NoAnswerException.class);
        }
        server.silent = false;
        NodeSession.Session own = open();
        server.epoch += later;
        assertThat(session.supersededBy(own).isPresent()).isEqualTo(superseded);
    }

    @Test
    void lateSessionOfOneRequestIsCountedOnce() throws InterruptedException {
        server.silent = true;
        assertThatThrownBy(this::open).isInstanceOf(NodeIpamClient.NoAnswerException.class);
        server.silent = false;
        NodeSession.Session first = open();
        server.epoch++;
        assertThat(session.supersededBy(first)).isEmpty();
        NodeSession.Session second = open();
        server.epoch++;
        assertThat(session.supersededBy(second)).hasValue(second.epoch() + 1);
    }

    @Test
    void supersededSessionKeepsNobodyWaiting() throws InterruptedException {
        NodeSession.Session own = open();
        server.epoch++;
        assertThat(session.supersededBy(own)).hasValue(2);
        session.awaitNext();
        assertThat(server.requests).hasSize(1);
    }

    @Test
    void faultOfARetirementListenerIsNotPassedOn() {
        var retired = new ArrayList<String>();
        session.onRetired(retired::add);
        session.onRetired(_ -> {
            throw new IllegalStateException("fault of a listener");
        });
        session.retired("uid-1");
        assertThat(retired).containsExactly("uid-1");
    }
}
