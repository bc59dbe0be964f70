package io.multinic.ipam.store.audit;

import io.multinic.contract.wire.AuditAction;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Administrative change to record, see [io.multinic.contract.wire.AuditEvent].
public record AdminChange(
        String caller,
        AuditAction action,
        @Nullable String network,
        @Nullable String node,
        @Nullable String object,
        @Nullable String reason,
        Map<String, ?> details) {
    public AdminChange {
        details = Map.copyOf(details);
    }

    public static AdminChange ofNetwork(String caller, AuditAction action, String network, Map<String, ?> details) {
        return new AdminChange(caller, action, network, null, null, null, details);
    }

    public static AdminChange ofNode(
            String caller, AuditAction action, String node, String uid, Map<String, ?> details) {
        return new AdminChange(caller, action, null, node, uid, null, details);
    }
}
