package io.multinic.lab.campaign;

import io.multinic.lab.campaign.CampaignStep.Kind;
import io.multinic.lab.campaign.CampaignStep.Part;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The faults that last at this moment, and what they permit to fail.
final class ActiveFaults {
    private final Map<String, CampaignStep> byPart = new HashMap<>();

    /// Nodes whose plan may still have the name that a NIC had for a while.
    private final Set<String> formerNames = new HashSet<>();

    void update(CampaignStep step) {
        if (step.kind().lasts()) {
            byPart.put(step.kind().part() + step.node(), step);
        } else {
            byPart.values()
                    .removeIf(fault ->
                            fault.kind().end() == step.kind() && fault.node().equals(step.node()));
        }
        if (step.kind() == Kind.RENAME_BACK) {
            formerNames.add(step.node());
        }
    }

    /// Notes that an ADD on the node has succeeded.
    void added(String node) {
        formerNames.remove(node);
    }

    Optional<Kind> of(String node) {
        return Optional.ofNullable(byPart.get(Part.NODE + node)).map(CampaignStep::kind);
    }

    boolean has(String node, Kind kind) {
        return of(node).filter(kind::equals).isPresent();
    }

    /// True while a NIC of the node has another name, and until the plan is known to have its own again.
    boolean renamed(String node) {
        return has(node, Kind.RENAME_NIC) || formerNames.contains(node);
    }

    boolean ipamAway() {
        return byPart.containsKey(Part.IPAM.name());
    }

    boolean pluginHangs() {
        return byPart.containsKey(Part.PLUGIN.name());
    }

    /// True if pods of the network can be attached on the node. The plan names NICs, so after a renaming this takes
    /// ipam-service.
    boolean allowAdd(String node, String network) {
        boolean formerName = formerNames.contains(node) && ipamAway();
        return of(node).isEmpty() && answers(network) && !formerName;
    }

    /// True if pods of the network can be detached on the node: not without agent or plugin. The macvlan plugin refuses
    /// DEL while its NIC is missing ("Link not found").
    boolean allowDelete(String node, String network) {
        boolean refused = network.equals(CampaignLab.EXECUTED) && has(node, Kind.RENAME_NIC);
        return !has(node, Kind.KILL_AGENT) && answers(network) && !refused;
    }

    private boolean answers(String network) {
        return !pluginHangs() || !network.equals(CampaignLab.EXECUTED);
    }

    @Override
    public String toString() {
        return byPart.values().toString();
    }
}
