package io.multinic.ipam.service.plan;

import io.multinic.contract.address.AddressCount;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.wire.NetworkDefinition;
import io.multinic.contract.wire.NetworkPreview;
import io.multinic.contract.wire.NetworkPreview.BlockChange;
import io.multinic.contract.wire.NetworkPreview.BlockSpace;
import io.multinic.contract.wire.NetworkPreview.InterfacePreview;
import io.multinic.contract.wire.NetworkState;
import io.multinic.ipam.plan.HostSlot;
import io.multinic.ipam.plan.InterfaceSlot;
import io.multinic.ipam.plan.Plan;
import io.multinic.ipam.plan.PlanDiff.BlockMove;
import io.multinic.ipam.plan.PlannedBlock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Builder of previews: the effects of an edit by interface and NIC.
final class Previews {
    private static final int NAMED = 1_000;

    private final NetworkPlanning.Planned planned;
    private final Map<String, String> names;
    private final int hostBlock;

    private Previews(NetworkDefinition definition, NetworkPlanning.Planned planned, Map<String, String> names) {
        this.planned = planned;
        this.names = names;
        this.hostBlock = definition.hostBlock();
    }

    /// Refusal of an edit.
    record Refusal(ErrorCode code, String reason) {}

    /// @param names node names by UID
    static NetworkPreview of(
            NetworkDefinition definition,
            NetworkPlanning.Planned planned,
            Optional<Refusal> refusal,
            Map<String, String> names) {
        var preview = new Previews(definition, planned, names);
        List<BlockMove> moves = planned.diff().moves();
        var unplaced = planned.plan().unplaced();
        return new NetworkPreview(
                refusal.isEmpty(),
                refusal.map(Refusal::code).orElse(null),
                refusal.map(Refusal::reason).orElse(null),
                preview.interfaces(),
                (int) moves.stream().filter(move -> move.from() == null).count(),
                (int) moves.stream().filter(move -> move.to() == null).count(),
                (int) moves.stream()
                        .filter(move -> move.from() != null && move.to() != null)
                        .count(),
                moves.stream().limit(NAMED).map(preview::change).toList(),
                unplaced.size(),
                unplaced.stream()
                        .limit(NAMED)
                        .map(one -> new NetworkState.Unplaced(preview.name(one.nodeUid()), one.nic(), one.reason()))
                        .toList());
    }

    private String name(String nodeUid) {
        return Objects.requireNonNull(names.get(nodeUid), nodeUid);
    }

    private BlockChange change(BlockMove move) {
        PlannedBlock to = move.to();
        return new BlockChange(
                name(move.key().nodeUid()),
                move.key().nodeUid(),
                move.key().nic(),
                podBlock(move.from()),
                podBlock(to),
                to == null ? null : to.capacity());
    }

    private static @Nullable Cidr podBlock(@Nullable PlannedBlock block) {
        return block == null ? null : block.podBlock();
    }

    private List<InterfacePreview> interfaces() {
        Plan plan = planned.plan();
        Map<Integer, List<HostSlot>> hosts =
                plan.hosts().stream().collect(Collectors.groupingBy(HostSlot::interfaceIndex));
        return plan.interfaces().stream()
                .map(slot -> {
                    List<HostSlot> in = hosts.getOrDefault(slot.index(), List.of());
                    return new InterfacePreview(
                            slot.index(),
                            slot.masterNet(),
                            plan.hostBlocks().getOrDefault(slot.index(), 0L),
                            in.size(),
                            spaces(slot, in));
                })
                .toList();
    }

    private List<BlockSpace> spaces(InterfaceSlot slot, List<HostSlot> hosts) {
        Map<Cidr, AddressCount> fewest = new HashMap<>();
        for (HostSlot host : hosts) {
            for (PlannedBlock block : host.blocks()) {
                fewest.merge(block.interfaceBlock(), block.capacity(), (a, b) -> a.compareTo(b) <= 0 ? a : b);
            }
        }
        var spaces = new ArrayList<BlockSpace>();
        for (Cidr block : slot.blocks()) {
            var podBlock = Cidr.containing(block.first(), block.prefixLength() + hostBlock);
            spaces.add(new BlockSpace(block, AddressCount.in(podBlock), fewest.get(block)));
        }
        return spaces;
    }
}
