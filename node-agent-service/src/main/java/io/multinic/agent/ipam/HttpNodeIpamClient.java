package io.multinic.agent.ipam;

import io.multinic.contract.http.JsonCodec;
import io.multinic.contract.http.ServiceClient;
import io.multinic.contract.http.ServiceClient.Limits;
import io.multinic.contract.http.ServiceClient.Peer;
import io.multinic.contract.http.ServiceClient.TokenListener;
import io.multinic.contract.http.ServiceException;
import io.multinic.contract.http.ServiceRequest;
import io.multinic.contract.trust.Credentials;
import io.multinic.contract.wire.LedgerBatch;
import io.multinic.contract.wire.LedgerReceipt;
import io.multinic.contract.wire.NodeState;
import io.multinic.contract.wire.PlanUpdate;
import io.multinic.contract.wire.SessionGrant;
import io.multinic.contract.wire.SessionRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// REST adapter of [NodeIpamClient]. Requests are sent once: the loops of the agent retry.
public final class HttpNodeIpamClient implements NodeIpamClient, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HttpNodeIpamClient.class);
    private static final String SETTING = "multi-nic.agent.ipam-url";

    /// Half of the heap, so that an endless answer fails before it fills the heap.
    private static final int LARGEST_ANSWER =
            (int) Math.min(Runtime.getRuntime().maxMemory() / 2, Integer.MAX_VALUE);

    /// Limit of a plan in bytes of JSON, of which a quarter at most stays in memory. A plan of 5,000 nodes with 8 NICs
    /// has about 5 MB for each network.
    private static final long LARGEST_PLAN = 64L << 20;

    private final ServiceClient http;
    private final String node;

    /// @param ipam URL of ipam-service, such as `https://multi-nic-ipam:8443`
    /// @param answerTimeout limit for a whole answer, in addition to the wait of a poll
    public HttpNodeIpamClient(
            URI ipam, Credentials credentials, String nodeName, Duration connectTimeout, Duration answerTimeout) {
        node = nodeName;
        http = new ServiceClient(
                new Peer("ipam-service", ipam, SETTING),
                credentials,
                new Codec(),
                Limits.once(connectTimeout, answerTimeout, LARGEST_ANSWER),
                new TokenLog());
    }

    @Override
    public SessionGrant openSession(SessionRequest request) throws InterruptedException {
        try {
            return http.fetch(SessionGrant.class, ServiceRequest.post(request, "/api/v1/nodes/{node}/session", node));
        } catch (ServiceException e) {
            throw e.outcomeUnknown() ? new NoAnswerException(e.getMessage(), e) : e;
        }
    }

    @Override
    public Optional<PlanUpdate> plan(long known, String history, Duration wait) throws InterruptedException {
        return http.stream(
                PlanUpdate.class,
                ServiceRequest.get(
                                "/api/v1/nodes/{node}/plan/changes?after={after}&history={history}&wait={wait}",
                                node,
                                known,
                                history,
                                wait.toSeconds())
                        .longPoll(wait),
                LARGEST_PLAN);
    }

    @Override
    public long epoch() throws InterruptedException {
        return http.fetch(NodeState.class, ServiceRequest.get("/api/v1/nodes/{node}", node))
                .epoch();
    }

    @Override
    public LedgerReceipt store(LedgerBatch batch) throws InterruptedException {
        return http.fetch(LedgerReceipt.class, ServiceRequest.post(batch, "/api/v1/nodes/{node}/ledger", node));
    }

    @Override
    public void close() {
        http.close();
    }

    private static final class Codec implements JsonCodec {
        private final JsonMapper json = JsonMapper.shared();

        @Override
        public byte[] write(Object value) {
            return json.writeValueAsBytes(value);
        }

        @Override
        public <T> T read(byte[] bytes, Class<T> type) throws IOException {
            try {
                return json.readValue(bytes, type);
            } catch (JacksonException e) {
                throw new IOException(e.getOriginalMessage(), e);
            }
        }

        @Override
        public <T> T read(InputStream stream, Class<T> type) throws IOException {
            try {
                return json.readValue(stream, type);
            } catch (JacksonException e) {
                throw new IOException(e.getOriginalMessage(), e);
            }
        }
    }

    private static final class TokenLog implements TokenListener {
        @Override
        public void refused(int status, String reason) {
            log.atWarn()
                    .addKeyValue("status", status)
                    .addKeyValue("reason", reason)
                    .log("ipam-service rejects the token of this agent; requests are retried");
        }

        @Override
        public void accepted() {
            log.atInfo().log("ipam-service accepts the token of this agent");
        }
    }
}
