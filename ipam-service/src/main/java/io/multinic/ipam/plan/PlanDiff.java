package io.multinic.ipam.plan;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpFamily;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Difference between the stored plan and a new one.
///
/// `vacated` are blocks that their NIC would lose and in which pods may run. `interfacesChanged` are the interface
/// indexes whose hosts need the change, `nodesChanged` the nodes whose own blocks change.
public record PlanDiff(
        List<HostSlot> removed,
        List<HostSlot> added,
        List<Cidr> vacated,
        Set<Integer> interfacesChanged,
        Set<String> nodesChanged) {
    public PlanDiff {
        removed = List.copyOf(removed);
        added = List.copyOf(added);
        vacated = List.copyOf(vacated);
        interfacesChanged = Set.copyOf(interfacesChanged);
        nodesChanged = Set.copyOf(nodesChanged);
    }

    /// Compares the stored slots of the planned nodes with those of the plan. A changed slot is both removed and
    /// added.
    public static PlanDiff between(List<HostSlot> stored, List<HostSlot> planned) {
        Map<HostKey, HostSlot> next = new HashMap<>();
        planned.forEach(slot -> next.put(slot.key(), slot));
        var removed = new ArrayList<HostSlot>();
        var vacated = new ArrayList<Cidr>();
        var unchanged = new HashSet<HostKey>();
        for (HostSlot slot : stored) {
            HostSlot successor = next.get(slot.key());
            if (slot.equals(successor)) {
                unchanged.add(slot.key());
                continue;
            }
            removed.add(slot);
            Set<Cidr> kept = new HashSet<>();
            if (successor != null) {
                successor.blocks().forEach(block -> kept.add(block.podBlock()));
            }
            slot.blocks().stream()
                    .map(PlannedBlock::podBlock)
                    .filter(block -> !kept.contains(block))
                    .forEach(vacated::add);
        }
        var added =
                planned.stream().filter(slot -> !unchanged.contains(slot.key())).toList();
        var interfacesChanged = new HashSet<Integer>();
        var nodesChanged = new HashSet<String>();
        for (var slots : List.of(removed, added)) {
            for (HostSlot slot : slots) {
                interfacesChanged.add(slot.interfaceIndex());
                nodesChanged.add(slot.key().nodeUid());
            }
        }
        return new PlanDiff(removed, added, vacated, interfacesChanged, nodesChanged);
    }

    /// Block that a NIC gets (`to`), loses (`from`) or exchanges (both).
    public record BlockMove(
            HostKey key,
            @Nullable PlannedBlock from,
            @Nullable PlannedBlock to) {}

    /// Changes of blocks by NIC, in the order of removals and additions.
    public List<BlockMove> moves() {
        Map<HostKey, HostSlot> next = new LinkedHashMap<>();
        added.forEach(slot -> next.put(slot.key(), slot));
        var moves = new ArrayList<BlockMove>();
        for (HostSlot slot : removed) {
            addMoves(moves, slot, next.remove(slot.key()));
        }
        next.values().forEach(slot -> addMoves(moves, null, slot));
        return moves;
    }

    private static void addMoves(List<BlockMove> moves, @Nullable HostSlot from, @Nullable HostSlot to) {
        HostKey key = Objects.requireNonNull(from != null ? from : to).key();
        for (IpFamily family : IpFamily.values()) {
            PlannedBlock before = block(from, family);
            PlannedBlock after = block(to, family);
            boolean same = before == null
                    ? after == null
                    : after != null && before.podBlock().equals(after.podBlock());
            if (!same) {
                moves.add(new BlockMove(key, before, after));
            }
        }
    }

    private static @Nullable PlannedBlock block(@Nullable HostSlot slot, IpFamily family) {
        return slot == null
                ? null
                : slot.blocks().stream()
                        .filter(block -> block.podBlock().family() == family)
                        .findFirst()
                        .orElse(null);
    }

    public boolean isEmpty() {
        return removed.isEmpty() && added.isEmpty();
    }
}
