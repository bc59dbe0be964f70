package io.multinic.ipam.rest;

import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.AuditAction;
import io.multinic.contract.wire.AuditEvent;
import io.multinic.contract.wire.AuditPage;
import io.multinic.contract.wire.Conflict;
import io.multinic.contract.wire.ConflictKind;
import io.multinic.contract.wire.Page;
import io.multinic.ipam.service.ledger.Audit;
import io.multinic.ipam.store.audit.AuditEventFilter;
import io.multinic.ipam.store.audit.IntervalFilter;
import io.multinic.ipam.store.ledger.ConflictQueries;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/// Audit endpoints. Every list is answered as a page of JSON or as a stream of rows, see [RowStream].
@RestController
@RequestMapping("/api/v1")
class AuditController {
    private static final String JSON = MediaType.APPLICATION_JSON_VALUE;
    private static final String CSV = RowFormat.TEXT_CSV;
    private static final String NDJSON = MediaType.APPLICATION_NDJSON_VALUE;

    private final Audit audit;
    private final RowStream rows;

    AuditController(Audit audit, RowStream rows) {
        this.audit = audit;
        this.rows = rows;
    }

    /// With `at` the holders at that time, at most one in each network; without it the history, the newest first.
    @GetMapping(
            path = "/addresses/{ip}",
            produces = {JSON, CSV, NDJSON})
    @Nullable
    AuditPage address(
            @PathVariable String ip,
            @RequestParam(required = false) @Nullable String at,
            @RequestParam(required = false) @Nullable Integer limit,
            @RequestParam(defaultValue = "") String cursor,
            @RequestParam(required = false) @Nullable String format,
            HttpServletRequest request,
            HttpServletResponse response) {
        var listRequest = new RowStream.ListRequest(format, limit, cursor, request, response);
        IpAddress address = Params.requireAddress(ip, "ip");
        if (at == null) {
            return rows.intervals(listRequest, (size, before) -> audit.history(address, size, before));
        }
        Instant moment = Params.requireInstant(at, "at");
        return rows.intervals(listRequest, (_, _) -> audit.holdersAt(address, moment));
    }

    @GetMapping(
            path = "/pods/{namespace}/{pod}/addresses",
            produces = {JSON, CSV, NDJSON})
    @Nullable
    AuditPage pod(
            @PathVariable String namespace,
            @PathVariable String pod,
            @RequestParam(required = false) @Nullable Integer limit,
            @RequestParam(defaultValue = "") String cursor,
            @RequestParam(required = false) @Nullable String format,
            HttpServletRequest request,
            HttpServletResponse response) {
        var listRequest = new RowStream.ListRequest(format, limit, cursor, request, response);
        var filter = IntervalFilter.ofPod(Params.requireName(namespace, "namespace"), Params.requireName(pod, "pod"));
        return rows.intervals(listRequest, (size, before) -> audit.search(filter, size, before));
    }

    @GetMapping(
            path = "/audit",
            produces = {JSON, CSV, NDJSON})
    @Nullable
    AuditPage audit(
            @RequestParam(required = false) @Nullable String network,
            @RequestParam(required = false) @Nullable String node,
            @RequestParam(required = false) @Nullable String namespace,
            @RequestParam(required = false) @Nullable String pod,
            @RequestParam(required = false) @Nullable Boolean open,
            @RequestParam(required = false) @Nullable String from,
            @RequestParam(required = false) @Nullable String to,
            @RequestParam(required = false) @Nullable Integer limit,
            @RequestParam(defaultValue = "") String cursor,
            @RequestParam(required = false) @Nullable String format,
            HttpServletRequest request,
            HttpServletResponse response) {
        var listRequest = new RowStream.ListRequest(format, limit, cursor, request, response);
        var filter = new IntervalFilter(
                Params.optionalName(network, "network"),
                Params.optionalName(node, "node"),
                Params.optionalName(namespace, "namespace"),
                Params.optionalName(pod, "pod"),
                open,
                Params.optionalInstant(from, "from"),
                Params.optionalInstant(to, "to"));
        return rows.intervals(listRequest, (size, before) -> audit.search(filter, size, before));
    }

    @GetMapping(
            path = "/audit/actions",
            produces = {JSON, CSV, NDJSON})
    @Nullable
    Page<AuditEvent> actions(
            @RequestParam(required = false) @Nullable AuditAction action,
            @RequestParam(required = false) @Nullable String network,
            @RequestParam(required = false) @Nullable String node,
            @RequestParam(required = false) @Nullable String caller,
            @RequestParam(required = false) @Nullable String from,
            @RequestParam(required = false) @Nullable String to,
            @RequestParam(required = false) @Nullable Integer limit,
            @RequestParam(defaultValue = "") String cursor,
            @RequestParam(required = false) @Nullable String format,
            HttpServletRequest request,
            HttpServletResponse response) {
        var listRequest = new RowStream.ListRequest(format, limit, cursor, request, response);
        var filter = new AuditEventFilter(
                action,
                Params.optionalName(network, "network"),
                Params.optionalName(node, "node"),
                caller == null ? null : Params.requireLabel(caller, "caller"),
                Params.optionalInstant(from, "from"),
                Params.optionalInstant(to, "to"));
        return rows.rows(listRequest, (size, before) -> audit.actions(filter, size, before), RowColumns.EVENTS);
    }

    /// Conflicts between nodes' claims and the ledger.
    @GetMapping(
            path = "/conflicts",
            produces = {JSON, CSV, NDJSON})
    @Nullable
    Page<Conflict> conflicts(
            @RequestParam(required = false) @Nullable String network,
            @RequestParam(required = false) @Nullable String node,
            @RequestParam(required = false) @Nullable ConflictKind kind,
            @RequestParam(required = false) @Nullable Boolean open,
            @RequestParam(required = false) @Nullable Integer limit,
            @RequestParam(defaultValue = "") String cursor,
            @RequestParam(required = false) @Nullable String format,
            HttpServletRequest request,
            HttpServletResponse response) {
        var listRequest = new RowStream.ListRequest(format, limit, cursor, request, response);
        var filter = new ConflictQueries.Filter(
                Params.optionalName(network, "network"), Params.optionalName(node, "node"), kind, open);
        return rows.rows(listRequest, (size, before) -> audit.conflicts(filter, size, before), RowColumns.CONFLICTS);
    }
}
