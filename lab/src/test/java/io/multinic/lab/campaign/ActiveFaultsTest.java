package io.multinic.lab.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.lab.campaign.CampaignStep.Kind;
import org.junit.jupiter.api.Test;

class ActiveFaultsTest {
    private final ActiveFaults faults = new ActiveFaults();

    private void step(Kind kind, String node) {
        faults.update(new CampaignStep(1, kind, node, "", 0));
    }

    @Test
    void nodeWithFaultMayRefusePodsAndOthersMustNot() {
        step(Kind.KILL_AGENT, "node1");
        assertThat(faults.allowAdd("node1", CampaignLab.ROUTED)).isFalse();
        assertThat(faults.allowDelete("node1", CampaignLab.ROUTED)).isFalse();
        assertThat(faults.allowAdd("node2", CampaignLab.ROUTED)).isTrue();
        step(Kind.START_AGENT, "node1");
        assertThat(faults.allowAdd("node1", CampaignLab.ROUTED)).isTrue();
    }

    @Test
    void hangingPluginConcernsItsOwnNetworkOnly() {
        step(Kind.HANG_PLUGIN, "");
        assertThat(faults.allowAdd("node1", CampaignLab.EXECUTED)).isFalse();
        assertThat(faults.allowAdd("node1", CampaignLab.MACVLAN)).isTrue();
    }

    @Test
    void fullDiskMustNotHinderDelete() {
        step(Kind.FILL_DISK, "node1");
        assertThat(faults.allowAdd("node1", CampaignLab.MACVLAN)).isFalse();
        assertThat(faults.allowDelete("node1", CampaignLab.MACVLAN)).isTrue();
    }

    @Test
    void planMayHaveFormerNameOfNicWhileIpamIsAway() {
        step(Kind.RENAME_NIC, "node1");
        step(Kind.KILL_IPAM, "");
        step(Kind.RENAME_BACK, "node1");
        assertThat(faults.allowAdd("node1", CampaignLab.ROUTED)).isFalse();
        assertThat(faults.allowAdd("node2", CampaignLab.ROUTED)).isTrue();
        step(Kind.START_IPAM, "");
        assertThat(faults.allowAdd("node1", CampaignLab.ROUTED)).isTrue();
        faults.added("node1");
        step(Kind.KILL_IPAM, "");
        assertThat(faults.allowAdd("node1", CampaignLab.ROUTED)).isTrue();
    }
}
