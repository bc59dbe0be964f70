package io.multinic.ipam.rest;

import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.AuditAction;
import io.multinic.contract.wire.AuditEvent;
import io.multinic.contract.wire.AuditPage;
import io.multinic.contract.wire.Conflict;
import io.multinic.contract.wire.ConflictKind;
import io.multinic.contract.wire.Page;
import io.multinic.ipam.registry.Audit;
import io.multinic.ipam.store.AuditEventFilter;
import io.multinic.ipam.store.AuditFilter;
import io.multinic.ipam.store.ConflictQueries;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/v1")
class AuditController {
    private final Audit audit;

    AuditController(Audit audit) {
        this.audit = audit;
    }

    /// With `at` the holders at that moment, one in each network at most; without it the history, the newest first.
    @GetMapping("/addresses/{ip}")
    AuditPage address(
            @PathVariable String ip,
            @RequestParam(required = false) @Nullable String at,
            @RequestParam(defaultValue = Params.DEFAULT_LIMIT) int limit,
            @RequestParam(defaultValue = "") String cursor) {
        IpAddress address = Params.requireAddress(ip, "ip");
        if (at == null) {
            return audit.history(address, Params.requireLimit(limit), Params.requireSequenceCursor(cursor));
        }
        Instant moment = Params.requireInstant(at, "at");
        return audit.holdersAt(address, moment);
    }

    @GetMapping("/pods/{namespace}/{pod}/addresses")
    AuditPage pod(
            @PathVariable String namespace,
            @PathVariable String pod,
            @RequestParam(defaultValue = Params.DEFAULT_LIMIT) int limit,
            @RequestParam(defaultValue = "") String cursor) {
        var filter = new AuditFilter(
                null, null, Params.requireName(namespace, "namespace"), Params.requireName(pod, "pod"), null);
        return audit.search(filter, Params.requireLimit(limit), Params.requireSequenceCursor(cursor));
    }

    @GetMapping("/audit")
    AuditPage audit(
            @RequestParam(required = false) @Nullable String network,
            @RequestParam(required = false) @Nullable String node,
            @RequestParam(required = false) @Nullable String namespace,
            @RequestParam(required = false) @Nullable String pod,
            @RequestParam(required = false) @Nullable Boolean open,
            @RequestParam(defaultValue = Params.DEFAULT_LIMIT) int limit,
            @RequestParam(defaultValue = "") String cursor) {
        var filter = new AuditFilter(
                Params.optionalName(network, "network"),
                Params.optionalName(node, "node"),
                Params.optionalName(namespace, "namespace"),
                Params.optionalName(pod, "pod"),
                open);
        return audit.search(filter, Params.requireLimit(limit), Params.requireSequenceCursor(cursor));
    }

    @GetMapping("/audit/actions")
    Page<AuditEvent> actions(
            @RequestParam(required = false) @Nullable AuditAction action,
            @RequestParam(required = false) @Nullable String network,
            @RequestParam(required = false) @Nullable String node,
            @RequestParam(required = false) @Nullable String caller,
            @RequestParam(required = false) @Nullable String from,
            @RequestParam(required = false) @Nullable String to,
            @RequestParam(defaultValue = Params.DEFAULT_LIMIT) int limit,
            @RequestParam(defaultValue = "") String cursor) {
        var filter = new AuditEventFilter(
                action,
                Params.optionalName(network, "network"),
                Params.optionalName(node, "node"),
                caller == null ? null : Params.requireLabel(caller, "caller"),
                Params.optionalInstant(from, "from"),
                Params.optionalInstant(to, "to"));
        return audit.actions(filter, Params.requireLimit(limit), Params.requireSequenceCursor(cursor));
    }

    /// What nodes said and the ledger cannot hold as true.
    @GetMapping("/conflicts")
    Page<Conflict> conflicts(
            @RequestParam(required = false) @Nullable String network,
            @RequestParam(required = false) @Nullable String node,
            @RequestParam(required = false) @Nullable ConflictKind kind,
            @RequestParam(required = false) @Nullable Boolean open,
            @RequestParam(defaultValue = Params.DEFAULT_LIMIT) int limit,
            @RequestParam(defaultValue = "") String cursor) {
        var filter = new ConflictQueries.Filter(
                Params.optionalName(network, "network"), Params.optionalName(node, "node"), kind, open);
        return audit.conflicts(filter, Params.requireLimit(limit), Params.requireSequenceCursor(cursor));
    }
}
