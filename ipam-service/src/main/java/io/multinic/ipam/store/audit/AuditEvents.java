package io.multinic.ipam.store.audit;

import io.multinic.contract.wire.AuditAction;
import io.multinic.contract.wire.AuditEvent;
import io.multinic.ipam.store.Columns;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// Store of administrative changes. They are written in the transaction of the change: neither exists without the
/// other.
@Repository
public class AuditEvents {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final JdbcClient jdbc;

    AuditEvents(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    public void record(AdminChange change) {
        record(List.of(change));
    }

    /// Stores the changes in their order, by one statement.
    public void record(List<AdminChange> changes) {
        if (changes.isEmpty()) {
            return;
        }
        jdbc.sql("""
                        INSERT INTO audit_event (caller, action, network, node, object, reason, details)
                        SELECT caller, action, network, node, object, reason, details::jsonb
                        FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[])
                             WITH ORDINALITY AS change (caller, action, network, node, object, reason, details, place)
                        ORDER BY place""")
                .param(Columns.texts(changes, AdminChange::caller))
                .param(Columns.texts(changes, AdminChange::action))
                .param(Columns.texts(changes, AdminChange::network))
                .param(Columns.texts(changes, AdminChange::node))
                .param(Columns.texts(changes, AdminChange::object))
                .param(Columns.texts(changes, AdminChange::reason))
                .param(Columns.texts(changes, change -> JSON.writeValueAsString(change.details())))
                .update();
    }

    /// Changes below the cursor `before`, the newest first.
    public List<AuditEvent> find(AuditEventFilter filter, long before, int limit) {
        return jdbc.sql("""
                        SELECT id, at, caller, action, network, node, object, reason, details::text
                        FROM audit_event
                        WHERE id < :before
                          AND (:action::text IS NULL OR action = :action)
                          AND (:network::text IS NULL OR network = :network)
                          AND (:node::text IS NULL OR node = :node)
                          AND (:caller::text IS NULL OR caller = :caller)
                          AND (:from::timestamptz IS NULL OR at >= :from::timestamptz)
                          AND (:to::timestamptz IS NULL OR at < :to::timestamptz)
                        ORDER BY id DESC LIMIT :limit""")
                .param("before", before)
                .param("action", Columns.text(filter.action()))
                .param("network", filter.network())
                .param("node", filter.node())
                .param("caller", filter.caller())
                .param("from", Columns.text(filter.from()))
                .param("to", Columns.text(filter.to()))
                .param("limit", limit)
                .query((row, number) -> event(row))
                .list();
    }

    private static AuditEvent event(ResultSet row) throws SQLException {
        return new AuditEvent(
                row.getLong("id"),
                Objects.requireNonNull(Columns.instant(row, "at")),
                row.getString("caller"),
                AuditAction.valueOf(row.getString("action")),
                row.getString("network"),
                row.getString("node"),
                row.getString("object"),
                row.getString("reason"),
                JSON.readValue(row.getString("details"), new TypeReference<>() {}));
    }
}
