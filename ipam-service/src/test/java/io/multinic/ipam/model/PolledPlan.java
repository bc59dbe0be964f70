package io.multinic.ipam.model;

import io.multinic.contract.wire.NetworkPlan;
import io.multinic.contract.wire.NicBlock;
import io.multinic.contract.wire.NodePlan;
import io.multinic.contract.wire.PlanUpdate;
import io.multinic.ipam.support.Rest;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The plan of a node, kept up to date by polls for changes as an agent does.
final class PolledPlan {
    private final Rest rest;
    private final String name;
    private final String uid;
    private String history = "";
    private @Nullable NodePlan plan;

    PolledPlan(Rest rest, String name, String uid) {
        this.rest = rest;
        this.name = name;
        this.uid = uid;
    }

    private NodePlan poll() {
        var answer = rest.get("/api/v1/nodes/" + name + "/plan/changes?wait=0&after="
                + (plan == null ? 0 : plan.revision()) + "&history="
                + URLEncoder.encode(history, StandardCharsets.UTF_8));
        NodePlan known = plan;
        if (answer.status() == 204 && known != null) {
            return known;
        }
        var update = answer.as(PlanUpdate.class);
        NodePlan whole = update.plan();
        NodePlan next =
                whole != null ? whole : Objects.requireNonNull(known).with(Objects.requireNonNull(update.change()));
        history = update.history();
        plan = next;
        return next;
    }

    Set<ObservedState.DeliveredBlock> delivered() {
        var delivered = new HashSet<ObservedState.DeliveredBlock>();
        for (NetworkPlan network : poll().networks()) {
            for (NicBlock block : network.blocks()) {
                delivered.add(delivered(network, block));
            }
        }
        return delivered;
    }

    private ObservedState.DeliveredBlock delivered(NetworkPlan network, NicBlock block) {
        Map<Integer, String> reserved = new HashMap<>();
        block.reserved()
                .forEach(range -> reserved.putAll(ObservedState.DeliveredBlock.reserved(
                        block.podBlock(), range.first(), range.last(), range.heldFor())));
        return new ObservedState.DeliveredBlock(
                new ObservedState.SlotKey(network.network().name(), uid, block.nic(), block.masterNet()),
                ObservedState.Block.of(block.podBlock(), block.excluded()),
                reserved);
    }
}
