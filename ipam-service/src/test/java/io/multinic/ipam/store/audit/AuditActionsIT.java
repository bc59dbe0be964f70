package io.multinic.ipam.store.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.wire.AuditAction;
import io.multinic.contract.wire.AuditEvent;
import io.multinic.contract.wire.LedgerReceipt;
import io.multinic.contract.wire.NodeInventory;
import io.multinic.contract.wire.Page;
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
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.type.TypeReference;

/// Audit of changes by administrators and the controller.
class AuditActionsIT {
    private static final TypeReference<Page<AuditEvent>> EVENTS = new TypeReference<>() {};
    private static final String NET = "/api/v1/networks/net";

    private final Rest rest = TestService.shared().rest();
    private final Database database = TestService.sharedDatabase();

    @BeforeEach
    void clear() throws SQLException {
        database.clear();
    }

    private List<AuditEvent> actions(String query) {
        return rest.get("/api/v1/audit/actions?" + query).as(EVENTS).items();
    }

    private List<AuditAction> kinds() {
        return actions("").reversed().stream().map(AuditEvent::action).toList();
    }

    @Test
    void everyChangeIsAuditedOnce() {
        rest.put(NET, Samples.network("net"));
        rest.put(NET, Samples.network("net", "192.168.0.0/16", 6, "192.168.0.64/26"));
        rest.put("/api/v1/nodes/node1", Samples.node(1));
        rest.put("/api/v1/nodes/node1", new NodeInventory("uid-1", List.of()));
        rest.delete("/api/v1/nodes/node1");
        rest.delete(NET);
        assertThat(kinds())
                .containsExactly(
                        AuditAction.NETWORK_DEFINED,
                        AuditAction.NETWORK_EDITED,
                        AuditAction.NODE_DEFINED,
                        AuditAction.NODE_EDITED,
                        AuditAction.NODE_RETIRED,
                        AuditAction.NETWORK_REMOVED);
        assertThat(actions("")).allSatisfy(event -> {
            assertThat(event.caller()).isEqualTo("anonymous");
            assertThat(event.at()).isBetween(Instant.now().minusSeconds(60), Instant.now());
        });
    }

    @Test
    void requestWithoutChangeIsNotAudited() {
        rest.put(NET, Samples.network("net"));
        rest.put(NET, Samples.network("net"));
        rest.put("/api/v1/nodes/node1", Samples.node(1));
        rest.put("/api/v1/nodes/node1", Samples.node(1));
        rest.delete("/api/v1/nodes/node9");
        rest.delete("/api/v1/networks/never-seen");
        assertThat(kinds()).containsExactly(AuditAction.NETWORK_DEFINED, AuditAction.NODE_DEFINED);
    }

    @Test
    void refusedRequestIsNotAudited() {
        rest.put(NET, Samples.network("net"));
        rest.put("/api/v1/nodes/node1", Samples.node(1));
        long epoch = rest.post("/api/v1/nodes/node1/session", new SessionRequest("uid-1", "s", 0L, List.of()))
                .as(SessionGrant.class)
                .epoch();
        rest.post("/api/v1/nodes/node1/ledger", Samples.batch(1, epoch, Samples.allocated(1, "192.168.0.4", "a")))
                .as(LedgerReceipt.class);
        assertThat(rest.delete(NET).status()).isEqualTo(409);
        assertThat(rest.delete("/api/v1/nodes/node1").status()).isEqualTo(409);
        assertThat(rest.put(NET, Samples.network("net", "10.64.0.0/16", 6)).status())
                .isEqualTo(409);
        assertThat(kinds()).containsExactly(AuditAction.NETWORK_DEFINED, AuditAction.NODE_DEFINED);
    }

    @Test
    void editIsAuditedWithTheDefinitionBefore() {
        rest.put(NET, Samples.network("net"));
        rest.put(NET, Samples.network("net", "192.168.0.0/16", 6, "192.168.0.64/26"));
        var edit = rest.get("/api/v1/audit/actions?action=NETWORK_EDITED")
                .json()
                .path("items")
                .path(0);
        assertThat(edit.path("details")
                        .path("definition")
                        .path("excludes")
                        .path(0)
                        .asString())
                .isEqualTo("192.168.0.64/26");
        assertThat(edit.path("details").path("before").path("excludes")).isEmpty();
    }

    @Test
    void replacedNodeIsAuditedByItsUid() {
        rest.put("/api/v1/nodes/node1", Samples.node(1));
        rest.put("/api/v1/nodes/node1", new NodeInventory("uid-new", List.of()));
        assertThat(actions("node=node1")).extracting(AuditEvent::object).containsExactly("uid-new", "uid-1");
    }

    @Test
    void filtersNarrowTheList() {
        rest.put(NET, Samples.network("net"));
        rest.put("/api/v1/networks/other", Samples.network("other", "10.64.0.0/16", 6));
        rest.put("/api/v1/nodes/node1", Samples.node(1));
        assertThat(actions("network=other")).extracting(AuditEvent::network).containsExactly("other");
        assertThat(actions("node=node1")).extracting(AuditEvent::node).containsExactly("node1");
        assertThat(actions("action=NETWORK_DEFINED")).hasSize(2);
        assertThat(actions("caller=anonymous")).hasSize(3);
        assertThat(actions("caller=somebody")).isEmpty();
        Instant second = actions("").get(1).at();
        assertThat(actions("from=" + second)).as("inclusive start").hasSize(2);
        assertThat(actions("to=" + second)).as("exclusive end").hasSize(1);
    }

    @Test
    void actionsArePagedNewestFirst() {
        for (int i = 1; i <= 25; i++) {
            rest.put("/api/v1/nodes/node" + i, Samples.node(i));
        }
        var seen = new ArrayList<String>();
        String cursor = "";
        while (cursor != null) {
            var page =
                    rest.get("/api/v1/audit/actions?limit=10&cursor=" + cursor).as(EVENTS);
            page.items().forEach(event -> seen.add(event.node()));
            cursor = page.next();
        }
        assertThat(seen)
                .hasSize(25)
                .doesNotHaveDuplicates()
                .startsWith("node25")
                .endsWith("node1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"action=NOTHING", "from=yesterday", "to=x", "limit=0", "cursor=x", "node=", "caller=%00"})
    void badFilterIsRefused(String query) {
        var answer = rest.get("/api/v1/audit/actions?" + query);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.code()).isEqualTo("INVALID_REQUEST");
    }
}
