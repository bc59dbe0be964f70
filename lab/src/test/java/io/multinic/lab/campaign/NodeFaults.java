package io.multinic.lab.campaign;

import io.multinic.lab.layout.LabNode;
import io.multinic.lab.process.ServiceProcess;

/// The faults of nodes and services, and their ends.
final class NodeFaults {
    private final CampaignLab campaign;
    private final PodCalls calls;

    NodeFaults(CampaignLab campaign, PodCalls calls) {
        this.campaign = campaign;
        this.calls = calls;
    }

    void execute(CampaignStep step) {
        switch (step.kind()) {
            case KILL_AGENT -> agent(step).kill();
            case START_AGENT -> campaign.startAndAwait(agent(step));
            default -> throw new IllegalArgumentException(step + calls.pods().toString());
        }
    }

    private ServiceProcess agent(CampaignStep step) {
        return campaign.lab().agent(node(step));
    }

    private LabNode node(CampaignStep step) {
        return campaign.node(step.node());
    }
}
