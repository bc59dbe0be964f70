package io.multinic.agent.ipam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.multinic.agent.ipam.NodeIpamClient.NoAnswerException;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.trust.Credentials;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NetworkPlan;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.PeerBlock;
import io.multinic.contract.wire.PlanStatement;
import io.multinic.contract.wire.PlanUpdate;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Calls of ipam-service against its fake. The policy of the client has its tests in the contract.
@Timeout(60)
class HttpNodeIpamClientIT {
    private static final String NODE = "node 1";
    private static final Duration SHORT = Duration.ofSeconds(1);
    private static final Duration HOLD = Duration.ofSeconds(2);
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final SessionRequest SESSION =
            new SessionRequest("uid-1", "store-1", 0L, List.of(), new PlanStatement("", 0, List.of()));

    private final FakeIpamService service = new FakeIpamService(NODE);
    private final HttpNodeIpamClient client = client(service.uri(), LONG);
    private final HttpNodeIpamClient impatient = client(service.uri(), SHORT);

    @BeforeEach
    void know() {
        service.know("uid-1");
    }

    @AfterEach
    void close() {
        impatient.close();
        client.close();
        service.close();
    }

    private static HttpNodeIpamClient client(URI uri, Duration answerTimeout) {
        return new HttpNodeIpamClient(uri, Credentials.none(), NODE, LONG, answerTimeout);
    }

    private static void assertCode(ThrowingCallable call, ErrorCode code) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        MultiNicException.class, e -> assertThat(e.code()).isEqualTo(code))
                .isNotInstanceOf(NoAnswerException.class);
    }

    @Test
    void sessionIsOpenedAndItsEpochIsRead() throws InterruptedException {
        assertThat(client.epoch()).isZero();
        assertThat(client.openSession(SESSION)).isEqualTo(new SessionGrant(1, 0, List.of()));
        assertThat(client.epoch()).isEqualTo(1);
        assertThat(service.sessions()).containsExactly(SESSION);
    }

    @Test
    void refusalHasTheCodeOfTheAnswer() {
        service.know(null);
        assertCode(client::epoch, ErrorCode.NODE_UNKNOWN);
        assertCode(() -> client.openSession(SESSION), ErrorCode.NODE_UNKNOWN);
        service.down(true);
        assertCode(() -> client.openSession(SESSION), ErrorCode.TRY_AGAIN_LATER);
    }

    @Test
    void onlyASessionRequestThatWasSentCountsAsUnanswered() throws InterruptedException {
        service.delaySessions(true);
        assertThatThrownBy(() -> impatient.openSession(SESSION))
                .isInstanceOfSatisfying(
                        NoAnswerException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TRY_AGAIN_LATER))
                .hasMessageContaining("does not answer POST /api/v1/nodes/node%201/session: no answer within PT1S");
        assertThat(service.openDelayedSessions()).as("requests received").isEqualTo(1);

        service.close();
        assertCode(() -> impatient.openSession(SESSION), ErrorCode.TRY_AGAIN_LATER);
    }

    @Test
    void pollIsHeldBeyondTheAnswerTimeoutAndOtherRequestsPassMeanwhile() throws Exception {
        var plan = new NodePlan(NODE, "uid-1", 7, List.of());
        service.publish(plan);
        assertThat(impatient.plan(0, "", HOLD)).contains(PlanUpdate.full("history", plan));

        var poll = new FutureTask<>(() -> impatient.plan(7, "history", HOLD));
        Thread.ofVirtual().start(poll);
        while (service.polls() < 2) {
            Thread.sleep(1);
        }
        assertThat(client.openSession(SESSION).epoch()).isEqualTo(1);
        assertThat(poll.isDone()).isFalse();
        assertThat(poll.get()).isEmpty();
    }

    @Test
    void planOfFiveThousandNodesWithEightNicsIsReceived() throws InterruptedException {
        var network = new NetworkDefinition(
                "net", List.of(Cidr.parse("10.0.0.0/8")), List.of(Cidr.parse("192.168.0.0/16")), 2, 8, List.of(), true);
        List<PeerBlock> peers = IntStream.range(0, 40_000)
                .mapToObj(i -> new PeerBlock(
                        "worker-" + (i / 8) + ".compute.cluster.example.com",
                        i % 8,
                        Cidr.parse("10." + (i / 256) + "." + (i % 256) + ".0/24"),
                        IpAddress.parse("192.168." + (i / 250) + "." + (1 + i % 250))))
                .toList();
        var plan = new NodePlan(NODE, "uid-1", 1, List.of(new NetworkPlan(network, 1, List.of(), peers)));
        service.publish(plan);
        assertThat(client.plan(0, "", HOLD)).contains(PlanUpdate.full("history", plan));
    }
}
