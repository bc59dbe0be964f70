package io.multinic.lab.campaign;

import io.multinic.lab.campaign.CampaignStep.Kind;
import io.multinic.lab.campaign.CampaignStep.Part;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The faults that last at this moment, and what they permit to fail.
final class ActiveFaults {
    private final Map<String, CampaignStep> byPart = new HashMap<>();

    void update(CampaignStep step) {
        if (step.kind().lasts()) {
            byPart.put(step.kind().part() + step.node(), step);
        } else {
            byPart.values()
                    .removeIf(fault ->
                            fault.kind().end() == step.kind() && fault.node().equals(step.node()));
        }
    }

    Optional<Kind> of(String node) {
        return Optional.ofNullable(byPart.get(Part.NODE + node)).map(CampaignStep::kind);
    }

    boolean has(String node, Kind kind) {
        return of(node).filter(kind::equals).isPresent();
    }

    boolean ipamAway() {
        return byPart.containsKey(Part.IPAM.name());
    }

    boolean pluginHangs() {
        return byPart.containsKey(Part.PLUGIN.name());
    }

    /// True if pods of the network can be attached on the node.
    boolean allowAdd(String node, String network) {
        return of(node).isEmpty() && answers(network);
    }

    /// True if pods of the network can be detached on the node: only without agent or plugin this is impossible.
    boolean allowDelete(String node, String network) {
        return !has(node, Kind.KILL_AGENT) && answers(network);
    }

    private boolean answers(String network) {
        return !pluginHangs() || !network.equals(CampaignLab.EXECUTED);
    }

    @Override
    public String toString() {
        return byPart.values().toString();
    }
}
