package io.multinic.ipam.service.node;

import io.multinic.contract.wire.PlanStatement;
import io.multinic.contract.wire.SessionRequest;
import io.multinic.contract.wire.StatedBlock;
import io.multinic.ipam.plan.HostKey;
import io.multinic.ipam.plan.HostSlot;
import io.multinic.ipam.recovery.NetworkNumbers;
import io.multinic.ipam.service.plan.NetworkPlanning;
import io.multinic.ipam.store.NetworkRecord;
import io.multinic.ipam.store.NodeRecord;
import io.multinic.ipam.store.plan.LineageStore;
import io.multinic.ipam.store.plan.NetworkStore;
import io.multinic.ipam.store.plan.NodeStore;
import io.multinic.ipam.store.plan.PlanLock;
import io.multinic.ipam.store.plan.PlanStore;
import io.multinic.ipam.store.plan.PlanTransactions;
import io.multinic.ipam.store.plan.StatedBlockStore;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Plan statements: blocks that agents report when they open a session.
///
/// A plan of the present database incarnation contains nothing new. A plan of another incarnation may contain blocks
/// that the database lost: these are stored, and assigned to the node again as soon as possible.
public final class PlanStatements {
    private static final Logger log = LoggerFactory.getLogger(PlanStatements.class);

    private final PlanTransactions transactions;
    private final LineageStore lineages;
    private final StatedBlockStore stated;
    private final NodeStore nodes;
    private final NetworkStore networks;
    private final PlanStore plans;
    private final NetworkPlanning planning;
    private final InstantSource clock;

    public PlanStatements(
            PlanTransactions transactions,
            LineageStore lineages,
            StatedBlockStore stated,
            NodeStore nodes,
            NetworkStore networks,
            PlanStore plans,
            NetworkPlanning planning,
            InstantSource clock) {
        this.transactions = transactions;
        this.lineages = lineages;
        this.stated = stated;
        this.nodes = nodes;
        this.networks = networks;
        this.plans = plans;
        this.planning = planning;
        this.clock = clock;
    }

    /// Processes the statement of a session request, before the session is opened: the live allocations are in
    /// blocks that the node has then. Statements of unknown nodes are stored as well.
    void accept(String nodeName, SessionRequest request) {
        PlanStatement plan = request.plan();
        if (plan == null || plan.blocks().isEmpty() || transactions.read(() -> isKnown(plan))) {
            return;
        }
        transactions.changePlan(lock -> {
            beginQuarantineOnEvidence(lock, nodeName, plan);
            if (!isKnown(plan)) {
                store(lock, nodeName, request.nodeUid(), plan);
            }
            return nodeName;
        });
    }

    private boolean isKnown(PlanStatement plan) {
        return lineages.read().includes(plan, lineages.lastRevision());
    }

    private void beginQuarantineOnEvidence(PlanLock lock, String nodeName, PlanStatement plan) {
        lineages.read().evidence(nodeName, plan, lineages.lastRevision()).ifPresent(evidence -> {
            lineages.begin(lock, evidence.reason(), evidence.predecessor().orElse(null));
            log.atWarn()
                    .addKeyValue("node", nodeName)
                    .addKeyValue("reason", evidence.reason())
                    .log("quarantine begins: the database lost data that an agent has");
        });
    }

    private void store(PlanLock lock, String nodeName, String nodeUid, PlanStatement plan) {
        Optional<NodeRecord> node =
                nodes.findByUid(nodeUid).filter(known -> known.name().equals(nodeName) && !known.retired());
        Map<String, List<StatedBlock>> byNetwork = plan.blocks().stream()
                .collect(Collectors.groupingBy(StatedBlock::network, TreeMap::new, Collectors.toList()));
        var affected = new ArrayList<NetworkRecord>();
        byNetwork.forEach((name, blocks) -> {
            Optional<NetworkRecord> network = networks.find(name);
            List<StatedBlock> missing =
                    node.isEmpty() || network.isEmpty() ? blocks : missing(network.get(), nodeUid, blocks);
            if (!missing.isEmpty()) {
                stated.keep(lock, nodeUid, nodeName, name, missing, clock.instant());
            }
            if (node.isPresent() && network.isPresent() && !missing.isEmpty()) {
                affected.add(network.get());
            }
        });
        renumber(lock, nodeUid, plan);
        if (!affected.isEmpty()) {
            var host = nodes.inventory(Set.of(nodeUid));
            affected.forEach(network -> planning.store(lock, network, planning.planNodes(network, host)));
        }
    }

    private List<StatedBlock> missing(NetworkRecord network, String nodeUid, List<StatedBlock> blocks) {
        Map<HostKey, HostSlot> slots = plans.slots(network.id(), Set.of(nodeUid)).stream()
                .collect(Collectors.toMap(HostSlot::key, Function.identity()));
        return blocks.stream()
                .filter(block -> {
                    HostSlot slot = slots.get(new HostKey(nodeUid, block.nic(), block.masterNet()));
                    return slot == null
                            || slot.interfaceIndex() != block.interfaceIndex()
                            || slot.blocks().stream()
                                    .noneMatch(own -> own.podBlock().equals(block.podBlock()));
                })
                .toList();
    }

    /// Restores network numbers: networks that were defined again after a loss may have other numbers than before.
    /// The first report of a number is decisive.
    private void renumber(PlanLock lock, String nodeUid, PlanStatement plan) {
        Map<String, Integer> numbers = new TreeMap<>();
        plan.blocks().forEach(block -> numbers.putIfAbsent(block.network(), block.number()));
        Map<String, Integer> present = new TreeMap<>();
        networks.findAll().forEach(network -> present.put(network.name(), Objects.requireNonNull(network.number())));
        numbers.keySet().retainAll(present.keySet());
        if (!lineages.read().quarantined() || present.entrySet().containsAll(numbers.entrySet())) {
            return;
        }
        var changes = NetworkNumbers.changes(present, numbers, lineages.networksOfOtherReportedNodes(nodeUid));
        if (!changes.isEmpty()) {
            networks.renumber(lock, changes);
        }
    }
}
