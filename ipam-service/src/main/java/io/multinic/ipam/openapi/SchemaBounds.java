package io.multinic.ipam.openapi;

import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.LedgerBatch;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.Nic;
import io.multinic.contract.wire.NodeInventory;
import io.multinic.contract.wire.PlanStatement;
import io.multinic.contract.wire.PodRef;
import io.multinic.contract.wire.QuarantineRequest;
import io.multinic.contract.wire.ReleaseProof;
import io.multinic.contract.wire.ReleaseRequest;
import io.multinic.contract.wire.ReservationRequest;
import io.multinic.contract.wire.SessionRequest;
import io.multinic.contract.wire.StatedBlock;
import io.multinic.ipam.ledger.BatchChecks;
import io.multinic.ipam.rest.Params;
import io.swagger.v3.oas.models.media.Schema;
import java.math.BigDecimal;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Bounds that the checks of the REST edge enforce, by parameter and by field of a request.
final class SchemaBounds {
    /// Time in UTC from 1970 to 9999.
    private static final String MOMENT = "^(19[789]\\d|[2-9]\\d{3})-((0[13578]|1[02])-(0[1-9]|[12]\\d|3[01])"
            + "|(0[469]|11)-(0[1-9]|[12]\\d|30)|02-(0[1-9]|1\\d|2[0-8]))"
            + "T([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,9})?Z$";

    private static final Consumer<Schema<?>> BITS = between(0, Params.MAX_BITS);

    private static final Map<String, Consumer<Schema<?>>> PARAMETERS = Map.ofEntries(
            Map.entry("name", SchemaBounds::name),
            Map.entry("node", SchemaBounds::name),
            Map.entry("network", SchemaBounds::name),
            Map.entry("namespace", SchemaBounds::name),
            Map.entry("pod", SchemaBounds::name),
            Map.entry("uid", SchemaBounds::name),
            Map.entry("caller", SchemaBounds::label),
            Map.entry("owner", SchemaBounds::name),
            Map.entry("reason", SchemaBounds::reason),
            Map.entry("heldFor", SchemaBounds::pods),
            Map.entry("address", RecordSchemas::address),
            Map.entry("ip", RecordSchemas::address),
            Map.entry("at", SchemaBounds::moment),
            Map.entry("from", SchemaBounds::moment),
            Map.entry("to", SchemaBounds::moment),
            Map.entry("limit", between(1, Params.MAX_LIMIT)),
            Map.entry("wait", between(0, Params.MAX_WAIT_SECONDS)),
            Map.entry("after", between(0, Long.MAX_VALUE)),
            Map.entry("history", SchemaBounds::history),
            Map.entry("format", SchemaBounds::format));

    private static final Map<Class<?>, Map<String, Consumer<Schema<?>>>> FIELDS = Map.ofEntries(
            Map.entry(
                    NetworkDefinition.class,
                    Map.of(
                            "name",
                            SchemaBounds::name,
                            "subnets",
                            atMost(2),
                            "masterNets",
                            atMost(Params.MAX_MASTER_NETS),
                            "excludes",
                            atMost(Params.MAX_EXCLUDES),
                            "interfaceBlock",
                            BITS,
                            "hostBlock",
                            BITS)),
            Map.entry(
                    ReservationRequest.class,
                    Map.of(
                            "owner",
                            SchemaBounds::name,
                            "heldFor",
                            SchemaBounds::pods,
                            "reason",
                            SchemaBounds::reason,
                            "range",
                            SchemaBounds::range)),
            Map.entry(NodeInventory.class, Map.of("nodeUid", SchemaBounds::name, "nics", atMost(Params.MAX_NICS))),
            Map.entry(Nic.class, Map.of("name", SchemaBounds::label, "addresses", atMost(Params.MAX_ADDRESSES))),
            Map.entry(
                    SessionRequest.class,
                    Map.of(
                            "nodeUid",
                            SchemaBounds::name,
                            "storeId",
                            SchemaBounds::name,
                            "confirmed",
                            between(0, BatchChecks.MAX_SEQUENCE),
                            "live",
                            atMost(Params.MAX_LIVE))),
            Map.entry(
                    LedgerBatch.class, Map.of("nodeUid", SchemaBounds::name, "events", atMost(BatchChecks.MAX_EVENTS))),
            Map.entry(
                    LedgerEvent.class,
                    Map.of("sequence", between(1, BatchChecks.MAX_SEQUENCE), "at", SchemaBounds::moment)),
            Map.entry(
                    Allocation.class,
                    Map.of(
                            "network", SchemaBounds::text,
                            "nic", SchemaBounds::text,
                            "containerId", SchemaBounds::text,
                            "ifName", SchemaBounds::text,
                            "podInterface", SchemaBounds::text)),
            Map.entry(
                    PodRef.class,
                    Map.of(
                            "namespace",
                            SchemaBounds::optionalText,
                            "name",
                            SchemaBounds::optionalText,
                            "uid",
                            SchemaBounds::optionalText)),
            Map.entry(
                    ReleaseRequest.class,
                    Map.of(
                            "proofs",
                            atMost(Params.MAX_PROOFS),
                            "reason",
                            SchemaBounds::reason,
                            "containerId",
                            SchemaBounds::name)),
            Map.entry(ReleaseProof.class, Map.of("by", SchemaBounds::reason, "observedAt", SchemaBounds::moment)),
            Map.entry(QuarantineRequest.class, Map.of("reason", SchemaBounds::reason)),
            Map.entry(
                    PlanStatement.class,
                    Map.of(
                            "revision",
                            between(0, Long.MAX_VALUE),
                            "history",
                            SchemaBounds::history,
                            "blocks",
                            atMost(Params.MAX_STATED))),
            Map.entry(
                    StatedBlock.class,
                    Map.of(
                            "network",
                            SchemaBounds::name,
                            "nic",
                            SchemaBounds::label,
                            "number",
                            between(0, Params.MAX_NUMBER),
                            "interfaceIndex",
                            between(0, Integer.MAX_VALUE),
                            "hostIndex",
                            between(0, Integer.MAX_VALUE))));

    private SchemaBounds() {}

    private static void format(Schema<?> schema) {
        schema.setPattern("^(" + String.join("|", Params.FORMATS) + ")$");
    }

    private static void name(Schema<?> schema) {
        schema.setMaxLength(Params.MAX_NAME);
        schema.setPattern("^" + Params.NAME + "$");
    }

    private static void moment(Schema<?> schema) {
        schema.setFormat("date-time");
        schema.setPattern(MOMENT);
    }

    private static void label(Schema<?> schema) {
        schema.setMaxLength(Params.MAX_NAME);
        schema.setPattern("^[^\\u0000-\\u001f\\u007f-\\u009f]*[^\\s\\u0000-\\u001f\\u007f-\\u009f]"
                + "[^\\u0000-\\u001f\\u007f-\\u009f]*$");
    }

    private static void history(Schema<?> schema) {
        schema.setPattern("^[!-~]{0,253}$");
    }

    private static void pods(Schema<?> schema) {
        schema.setMaxLength(2 * Params.MAX_NAME);
        schema.setPattern("^" + Params.PODS + "$");
    }

    private static void reason(Schema<?> schema) {
        label(schema);
        schema.setMaxLength(Params.MAX_TEXT);
    }

    private static void range(Schema<?> schema) {
        schema.setPattern("^[0-9a-fA-F:.]+([-/][0-9a-fA-F:.]+)?$");
    }

    private static void text(Schema<?> schema) {
        schema.setMaxLength(Allocation.MAX_TEXT);
        schema.setPattern("^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$");
    }

    private static void optionalText(Schema<?> schema) {
        schema.setMaxLength(Allocation.MAX_TEXT);
        schema.setPattern("^[^\\u0000]*$");
    }

    private static Consumer<Schema<?>> between(long least, long most) {
        return schema -> {
            schema.setMinimum(BigDecimal.valueOf(least));
            schema.setMaximum(BigDecimal.valueOf(most));
        };
    }

    private static Consumer<Schema<?>> atMost(int items) {
        return schema -> schema.setMaxItems(items);
    }

    /// Pattern of the cursor of the list at the end of the path.
    private static String cursor(String list) {
        return switch (list) {
            case "blocks" -> "^(" + RecordSchemas.CIDR + ")?$";
            case "reservations" -> "^[0-9a-f:.]{0,45}$";
            case "usage" -> "^(\\d{1,18}:\\d{1,18})?$";
            default -> "^\\d{0,18}$";
        };
    }

    static void ofParameter(String path, @Nullable String name, Schema<?> schema) {
        if ("cursor".equals(name)) {
            schema.setPattern(cursor(path.substring(path.lastIndexOf('/') + 1)));
            return;
        }
        Consumer<Schema<?>> bounds = PARAMETERS.get(name);
        if (bounds != null && schema.getEnum() == null) {
            bounds.accept(schema);
        }
    }

    /// Fields whose null the record accepts, to reject it with its own error.
    static boolean neverNull(Class<?> type, String field) {
        return type == NetworkDefinition.class && field.equals("name");
    }

    static void ofField(Class<?> type, String field, Schema<?> schema) {
        Consumer<Schema<?>> bounds = FIELDS.getOrDefault(type, Map.of()).get(field);
        if (bounds != null) {
            bounds.accept(schema);
        }
    }
}
