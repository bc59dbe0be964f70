package io.multinic.ipam.rest;

import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.AllocationInterval;
import io.multinic.contract.wire.AuditEvent;
import io.multinic.contract.wire.Conflict;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// CSV columns of a row.
record RowColumns<T>(List<Column<T>> columns) {
    RowColumns {
        columns = List.copyOf(columns);
    }

    /// @param value null for an empty cell
    record Column<T>(String name, Function<? super T, ? extends @Nullable Object> value) {}

    static final RowColumns<AllocationInterval> INTERVALS = new RowColumns<>(intervals());
    static final RowColumns<Conflict> CONFLICTS = new RowColumns<>(conflicts());
    static final RowColumns<AuditEvent> EVENTS = new RowColumns<>(List.of(
            new Column<>("id", AuditEvent::id),
            new Column<>("at", AuditEvent::at),
            new Column<>("caller", AuditEvent::caller),
            new Column<>("action", AuditEvent::action),
            new Column<>("network", AuditEvent::network),
            new Column<>("node", AuditEvent::node),
            new Column<>("object", AuditEvent::object),
            new Column<>("reason", AuditEvent::reason),
            new Column<>("details", event -> JsonMapper.shared().writeValueAsString(event.details()))));

    private static List<Column<AllocationInterval>> intervals() {
        var columns = new ArrayList<Column<AllocationInterval>>();
        columns.add(new Column<>("from", AllocationInterval::from));
        columns.add(new Column<>("to", AllocationInterval::to));
        columns.add(new Column<>("node", AllocationInterval::node));
        columns.addAll(allocation(AllocationInterval::allocation));
        return columns;
    }

    private static List<Column<Conflict>> conflicts() {
        var columns = new ArrayList<Column<Conflict>>();
        columns.add(new Column<>("id", Conflict::id));
        columns.add(new Column<>("kind", Conflict::kind));
        columns.add(new Column<>("at", Conflict::at));
        columns.add(new Column<>("resolvedAt", Conflict::resolvedAt));
        columns.add(new Column<>("node", Conflict::node));
        columns.addAll(allocation(Conflict::allocation));
        columns.add(new Column<>("holderNode", ofHolder(AllocationInterval::node)));
        columns.add(new Column<>(
                "holderNamespace", ofHolder(holder -> holder.allocation().pod().namespace())));
        columns.add(new Column<>(
                "holderPod", ofHolder(holder -> holder.allocation().pod().name())));
        columns.add(new Column<>(
                "holderContainerId", ofHolder(holder -> holder.allocation().containerId())));
        columns.add(new Column<>("holderFrom", ofHolder(AllocationInterval::from)));
        return columns;
    }

    private static Function<Conflict, @Nullable Object> ofHolder(Function<AllocationInterval, Object> value) {
        return conflict -> conflict.holder() == null ? null : value.apply(conflict.holder());
    }

    private static <T> List<Column<T>> allocation(Function<T, Allocation> of) {
        return List.of(
                new Column<>("network", of.andThen(Allocation::network)),
                new Column<>("address", of.andThen(Allocation::address)),
                new Column<>("nic", of.andThen(Allocation::nic)),
                new Column<>("namespace", of.andThen(held -> held.pod().namespace())),
                new Column<>("pod", of.andThen(held -> held.pod().name())),
                new Column<>("podUid", of.andThen(held -> held.pod().uid())),
                new Column<>("containerId", of.andThen(Allocation::containerId)),
                new Column<>("ifName", of.andThen(Allocation::ifName)),
                new Column<>("podInterface", of.andThen(Allocation::podInterface)));
    }
}
