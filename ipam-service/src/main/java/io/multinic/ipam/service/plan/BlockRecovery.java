package io.multinic.ipam.service.plan;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.wire.AuditAction;
import io.multinic.contract.wire.QuarantineState.Unsettled;
import io.multinic.contract.wire.QuarantineState.Waiting;
import io.multinic.contract.wire.StatedBlock;
import io.multinic.ipam.plan.AllocationLimits;
import io.multinic.ipam.plan.HostKey;
import io.multinic.ipam.plan.HostSlot;
import io.multinic.ipam.plan.Indexes;
import io.multinic.ipam.plan.Plan;
import io.multinic.ipam.recovery.BlockClaim;
import io.multinic.ipam.recovery.ClaimResolution;
import io.multinic.ipam.store.NetworkRecord;
import io.multinic.ipam.store.audit.AdminChange;
import io.multinic.ipam.store.audit.AuditEvents;
import io.multinic.ipam.store.plan.LineageStore;
import io.multinic.ipam.store.plan.PlanLock;
import io.multinic.ipam.store.plan.StatedBlockStore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Recovery of blocks that the database lost: resolves the blocks that nodes report, and suspends new assignments
/// during quarantine.
public final class BlockRecovery {
    private static final Logger log = LoggerFactory.getLogger(BlockRecovery.class);
    /// Maximum number of nodes that a reason names.
    private static final int NAMED_NODES = 5;

    private final LineageStore lineage;
    private final StatedBlockStore stated;
    private final AuditEvents audit;

    public BlockRecovery(LineageStore lineage, StatedBlockStore stated, AuditEvents audit) {
        this.lineage = lineage;
        this.stated = stated;
        this.audit = audit;
    }

    /// Limits on new indexes, for every network: a lost network may have had the same subnet.
    AllocationLimits allocationLimits() {
        return new AllocationLimits(suspensionReason(), stated.podBlocks());
    }

    private @Nullable String suspensionReason() {
        if (!lineage.read().quarantined()) {
            return null;
        }
        List<Waiting> some = lineage.waitingFor(NAMED_NODES);
        return "no new index is given out: the database may have lost commits, and "
                + (some.isEmpty()
                        ? "nodes may speak of which it does not know"
                        : "these nodes have not said which blocks they have: " + names(some)
                                + "; see to it that their agents run, or retire those that are gone")
                + " (GET /api/v1/quarantine)";
    }

    public static String names(List<Waiting> nodes) {
        return nodes.stream().map(Waiting::node).collect(Collectors.joining(", "))
                + (nodes.size() < NAMED_NODES ? "" : " and perhaps more");
    }

    /// Unsettled blocks that these nodes have stated.
    List<Unsettled> statedBy(String network, Set<String> nodeUids) {
        return stated.ofKnownNodes(network).stream()
                .filter(one -> nodeUids.contains(one.nodeUid()))
                .toList();
    }

    /// Unsettled blocks of all known nodes.
    List<Unsettled> stated(String network) {
        return stated.ofKnownNodes(network);
    }

    /// Stated blocks of a network, and the resolution of these claims.
    public record RecoveredIndexes(List<Unsettled> stated, ClaimResolution resolution) {
        /// Result without stated blocks.
        static RecoveredIndexes nothing(Indexes known) {
            return new RecoveredIndexes(List.of(), new ClaimResolution(known, Set.of(), Map.of()));
        }

        Indexes indexes() {
            return resolution.indexes();
        }
    }

    /// @param known indexes of all nodes by NIC
    RecoveredIndexes resolve(Indexes known, List<Unsettled> statements) {
        if (statements.isEmpty()) {
            return RecoveredIndexes.nothing(known);
        }
        var claims = statements.stream().map(BlockRecovery::claim).distinct().toList();
        var resolution = ClaimResolution.of(
                known, claims, lineage.reportedNodes(), lineage.read().quarantined());
        return new RecoveredIndexes(statements, resolution);
    }

    private static BlockClaim claim(Unsettled one) {
        StatedBlock block = one.block();
        return new BlockClaim(
                new HostKey(one.nodeUid(), block.nic(), block.masterNet()), block.interfaceIndex(), block.hostIndex());
    }

    /// Deletes the stated blocks that the plan contains now, and stores the reason for the others.
    void settle(PlanLock lock, NetworkRecord network, RecoveredIndexes recovered, Plan plan) {
        if (recovered.stated().isEmpty()) {
            return;
        }
        Map<HostKey, Set<Cidr>> planned = new HashMap<>();
        for (HostSlot slot : plan.hosts()) {
            var blocks = planned.computeIfAbsent(slot.key(), key -> new HashSet<>());
            slot.blocks().forEach(block -> blocks.add(block.podBlock()));
        }
        var settled = new ArrayList<Unsettled>();
        var unsettled = new ArrayList<Unsettled>();
        for (Unsettled one : recovered.stated()) {
            BlockClaim claim = claim(one);
            boolean has = planned.getOrDefault(claim.key(), Set.of())
                    .contains(one.block().podBlock());
            if (has) {
                settled.add(one);
            } else {
                String reason = recovered
                        .resolution()
                        .refused()
                        .getOrDefault(
                                claim,
                                "the network has no such block as it is defined now; it is kept until the definition is"
                                        + " put that it was made by");
                unsettled.add(new Unsettled(one.node(), one.nodeUid(), one.block(), reason, one.statedAt()));
            }
        }
        stated.settle(lock, settled);
        stated.explain(lock, unsettled);
        report(network, settled, unsettled, recovered.resolution().displacedNodes());
    }

    private void report(
            NetworkRecord network, List<Unsettled> settled, List<Unsettled> unsettled, Set<String> displacedNodes) {
        Map<String, Set<String>> blocksByNode = settled.stream()
                .collect(Collectors.groupingBy(
                        Unsettled::node,
                        Collectors.mapping(one -> one.block().podBlock().toString(), Collectors.toSet())));
        blocksByNode.forEach((node, blocks) -> audit.record(AdminChange.ofNetwork(
                "agent of " + node,
                AuditAction.BLOCKS_RESTORED,
                network.name(),
                Map.of("node", node, "blocks", blocks, "takenFrom", displacedNodes))));
        if (!settled.isEmpty()) {
            log.atWarn()
                    .addKeyValue("network", network.name())
                    .addKeyValue("blocks", settled.size())
                    .addKeyValue("nodes", blocksByNode.keySet())
                    .addKeyValue("takenFrom", displacedNodes)
                    .log("lost blocks recovered from node reports");
        }
        if (!unsettled.isEmpty()) {
            log.atError()
                    .addKeyValue("network", network.name())
                    .addKeyValue("blocks", unsettled.size())
                    .addKeyValue("node", unsettled.getFirst().node())
                    .addKeyValue("first", unsettled.getFirst().block().podBlock())
                    .addKeyValue("reason", unsettled.getFirst().reason())
                    .log("stated blocks cannot be assigned to their node; they stay reserved (GET /api/v1/quarantine)");
        }
    }

    /// Checks whether blocks must stay where they are: during quarantine it is unknown which pods run in the blocks
    /// of a node that has not reported, and its peers keep their plans.
    ///
    /// @param blocks that would be taken away; null for all of the network
    /// @return the reason to keep them; empty if they may be taken away
    Optional<String> reasonToKeep(NetworkRecord network, @Nullable Collection<Cidr> blocks) {
        if (!lineage.read().quarantined() || (blocks != null && blocks.isEmpty())) {
            return Optional.empty();
        }
        return lineage.ownerOf(network, blocks)
                .map(node -> "network " + network.name()
                        + ": the database may have lost commits, and blocks that would be"
                        + " taken away are those of node " + node + ", which keeps its plan until quarantine ends; try"
                        + " again then (GET /api/v1/quarantine)");
    }
}
