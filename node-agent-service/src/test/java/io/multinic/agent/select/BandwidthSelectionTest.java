package io.multinic.agent.select;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.select.Candidate.Hardware;
import io.multinic.agent.select.Selection.Nic;
import io.multinic.agent.select.Selection.Refused;
import io.multinic.agent.select.Selection.Selected;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.error.ErrorCode;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Selection of NICs by a target bandwidth; the choice among sets of NICs is tested with [BandwidthSelector].
class BandwidthSelectionTest {
    private static final List<Candidate> NICS = List.of(
            nic("eth1", 10_000, 0, true),
            nic("eth2", 25_000, 5_000, true),
            nic("eth3", 100_000, 0, false),
            nic("virtual", 0, 0, true));

    private static Candidate nic(String name, long speed, long reserved, boolean up) {
        return new Candidate(
                name, Cidr.parse("10.0.1.0/24"), up, new Hardware(null, null, speed, new NicUse(0, reserved)));
    }

    private static Selection select(String strategy, String target, int nics) {
        return NicSelector.select(new SelectionRequest(
                "net",
                new SelectionPolicy(strategy, target, ""),
                nics,
                List.of(),
                List.of(),
                NICS,
                DeviceClasses.UNKNOWN,
                Topology.NONE));
    }

    private static void assertRefused(Selection selection, ErrorCode code, String... parts) {
        assertThat(selection).isInstanceOfSatisfying(Refused.class, refused -> {
            assertThat(refused.code()).isEqualTo(code);
            assertThat(refused.message()).contains("network net").contains(parts);
        });
    }

    @Test
    void selectedNicsReserveTheTarget() {
        assertThat(select("costOpt", "15Gbps", 0)).isEqualTo(new Selected(List.of(new Nic("eth2", 15_000))));
        assertThat(select("perfOpt", "15Gbps", 0))
                .isEqualTo(new Selected(List.of(new Nic("eth1", 7_500), new Nic("eth2", 7_500))));
        assertThat(select("costOpt", "28Gbps", 0))
                .isEqualTo(new Selected(List.of(new Nic("eth1", 10_000), new Nic("eth2", 18_000))));
    }

    @Test
    void nicsWithoutCarrierAreUsedOnlyWhereTheOthersDoNotReachTheTarget() {
        assertThat(select("costOpt", "30Gbps", 0))
                .isEqualTo(new Selected(List.of(new Nic("eth1", 10_000), new Nic("eth2", 20_000))));
        assertThat(select("costOpt", "31Gbps", 0)).isEqualTo(new Selected(List.of(new Nic("eth3", 31_000))));
    }

    @Test
    void unreachableTargetIsRefusedWithTheFreeBandwidthOfEachNic() {
        assertRefused(
                select("costOpt", "200Gbps", 0),
                ErrorCode.TOO_FEW_NICS,
                "200Gbps",
                "eth1 (10Gbps of 10Gbps free)",
                "eth2 (20Gbps of 25Gbps free)",
                "eth3 (100Gbps of 100Gbps free, link down)",
                "virtual (speed unknown)");
        assertRefused(select("perfOpt", "125Gbps", 2), ErrorCode.TOO_FEW_NICS, "2 NICs", "125Gbps");
    }

    @Test
    void missingOrUnreadableTargetIsRefused() {
        assertRefused(select("costOpt", "", 0), ErrorCode.INVALID_NETWORK_CONFIG, "costOpt", "`target`", "10Gbps");
        assertRefused(select("perfOpt", "fast", 0), ErrorCode.INVALID_NETWORK_CONFIG, "'fast'", "10Gbps");
        assertRefused(select("perfOpt", "0Gbps", 0), ErrorCode.INVALID_NETWORK_CONFIG, "'0Gbps'");
    }
}
