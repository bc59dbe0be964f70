package io.multinic.agent.select;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.select.Candidate.Hardware;
import io.multinic.agent.select.Selection.Nic;
import io.multinic.agent.select.Selection.Refused;
import io.multinic.agent.select.Selection.Selected;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.error.ErrorCode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Selection of NICs by DeviceClass.
class DeviceClassSelectionTest {
    private static final List<Candidate> NICS = List.of(
            nic("eth1", "15b3", "1021", true),
            nic("eth2", "8086", "1593", true),
            nic("eth3", "15b3", "101d", true),
            nic("eth4", "15b3", "1021", false),
            new Candidate("virtual", Cidr.parse("10.0.9.0/24"), true, Hardware.UNKNOWN));
    private static final DeviceClasses CLASSES = DeviceClasses.of(Map.of(
            "cx7", ids("15B3", "1021"),
            "mellanox", ids("15b3"),
            "other", ids("1d0f", "efa2")));

    private static Candidate nic(String name, String vendor, String product, boolean up) {
        return new Candidate(name, Cidr.parse("10.0.1.0/24"), up, new Hardware(vendor, product, 0, NicUse.NONE));
    }

    private static DeviceIds ids(String vendor, String... products) {
        return new DeviceIds(List.of(new DeviceIds.Vendor(vendor, Set.of(products))));
    }

    private static Selection select(String deviceClass, int nics, List<String> masters, DeviceClasses classes) {
        return NicSelector.select(new SelectionRequest(
                "net",
                new SelectionPolicy("devClass", "", deviceClass),
                nics,
                masters,
                List.of(),
                NICS,
                classes,
                Topology.NONE));
    }

    private static void assertSelected(Selection selection, String... names) {
        assertThat(selection)
                .isInstanceOfSatisfying(
                        Selected.class,
                        selected -> assertThat(selected.nics())
                                .extracting(Nic::name)
                                .containsExactly(names));
    }

    private static void assertRefused(Selection selection, ErrorCode code, String... parts) {
        assertThat(selection).isInstanceOfSatisfying(Refused.class, refused -> {
            assertThat(refused.code()).isEqualTo(code);
            assertThat(refused.message()).contains("network net").contains(parts);
        });
    }

    @Test
    void onlyNicsOfTheClassAreSelected() {
        assertSelected(select("cx7", 0, List.of(), CLASSES), "eth1", "eth4");
        assertSelected(select("mellanox", 0, List.of(), CLASSES), "eth1", "eth3", "eth4");
    }

    @Test
    void theNumberIsTakenAfterTheFilter() {
        assertSelected(select("mellanox", 2, List.of(), CLASSES), "eth1", "eth3");
        assertRefused(select("cx7", 3, List.of(), CLASSES), ErrorCode.TOO_FEW_NICS, "3 NICs", "has 2", "eth1", "eth4");
    }

    @Test
    void namedMastersAreFilteredInTheirOrder() {
        assertSelected(select("mellanox", 0, List.of("eth3", "eth2", "eth1"), CLASSES), "eth3", "eth1");
    }

    @Test
    void unknownOrMissingClassIsRefusedWithTheKnownOnes() {
        assertRefused(
                select("cx8", 0, List.of(), CLASSES),
                ErrorCode.INVALID_NETWORK_CONFIG,
                "'cx8'",
                "cx7, mellanox, other");
        assertRefused(
                select("", 0, List.of(), CLASSES), ErrorCode.INVALID_NETWORK_CONFIG, "`class`", "cx7, mellanox, other");
    }

    @Test
    void classWithoutNicIsRefusedWithTheIdsOfTheNics() {
        assertRefused(
                select("other", 0, List.of(), CLASSES),
                ErrorCode.TOO_FEW_NICS,
                "'other'",
                "eth2 (8086:1593)",
                "eth4 (15b3:1021, link down)",
                "virtual (unknown)");
    }

    @Test
    void nothingIsSelectedBeforeTheClassesAreKnown() {
        assertRefused(select("cx7", 0, List.of(), DeviceClasses.UNKNOWN), ErrorCode.TRY_AGAIN_LATER, "API server");
    }
}
