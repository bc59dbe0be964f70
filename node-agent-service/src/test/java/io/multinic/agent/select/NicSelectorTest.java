package io.multinic.agent.select;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.select.Candidate.Hardware;
import io.multinic.agent.select.Selection.Refused;
import io.multinic.agent.select.Selection.Selected;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.error.ErrorCode;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NicSelectorTest {
    private static final Candidate ETH1 = new Candidate("eth1", Cidr.parse("10.0.1.0/24"), true, Hardware.UNKNOWN);
    private static final Candidate ETH2 = new Candidate("eth2", Cidr.parse("10.0.2.0/24"), true, Hardware.UNKNOWN);
    private static final Candidate ETH3 = new Candidate("eth3", Cidr.parse("10.0.1.0/24"), true, Hardware.UNKNOWN);
    private static final Candidate ETH4_DOWN =
            new Candidate("eth4", Cidr.parse("10.0.4.0/24"), false, Hardware.UNKNOWN);
    private static final List<Candidate> ALL = List.of(ETH1, ETH2, ETH3, ETH4_DOWN);

    record Case(String fact, int nics, List<String> masters, List<String> masterNets, List<String> expected) {
        @Override
        public String toString() {
            return fact;
        }
    }

    static Stream<Case> choices() {
        return Stream.of(
                new Case("all in the plan's order", 0, List.of(), List.of(), List.of("eth1", "eth2", "eth3", "eth4")),
                new Case(
                        "masterNets order, NICs of one network side by side, unlisted last",
                        0,
                        List.of(),
                        List.of("10.0.2.0/24", "10.0.1.0/24"),
                        List.of("eth2", "eth1", "eth3", "eth4")),
                new Case("cut", 2, List.of(), List.of("10.0.2.0/24", "10.0.1.0/24"), List.of("eth2", "eth1")),
                new Case("masters in the given order", 0, List.of("eth3", "eth1"), List.of(), List.of("eth3", "eth1")),
                new Case("masters are cut", 1, List.of("eth3", "eth1"), List.of(), List.of("eth3")),
                new Case("healthy ones do", 2, List.of(), List.of("10.0.4.0/24"), List.of("eth1", "eth2")),
                new Case("healthy one does among masters", 1, List.of("eth4", "eth2"), List.of(), List.of("eth2")),
                new Case("named and down", 0, List.of("eth4"), List.of(), List.of("eth4")),
                new Case(
                        "order stays when one that is down is needed",
                        4,
                        List.of(),
                        List.of("10.0.4.0/24"),
                        List.of("eth4", "eth1", "eth2", "eth3")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("choices")
    void selects(Case choice) {
        assertThat(select("none", choice.nics, choice.masters, choice.masterNets, ALL))
                .isEqualTo(new Selected(choice.expected.stream()
                        .map(nic -> new Selection.Nic(nic, 0))
                        .toList()));
    }

    @Test
    void topologyWithoutGpuIsNone() {
        var none = select("none", 2, List.of(), List.of("10.0.2.0/24"), ALL);
        assertThat(select("topology", 2, List.of(), List.of("10.0.2.0/24"), ALL))
                .isEqualTo(none);
    }

    @Test
    void emptyStrategyIsNone() {
        assertThat(select("", 1, List.of(), List.of(), ALL)).isInstanceOf(Selected.class);
    }

    @Test
    void unknownMasterIsRefusedWithTheKnownNics() {
        assertRefused(
                select("none", 0, List.of("eth1", "etj2"), List.of(), ALL),
                ErrorCode.MASTER_UNKNOWN,
                "'etj2'",
                "eth1 (10.0.1.0/24), eth2");
    }

    @Test
    void masterNamedTwiceIsRefused() {
        assertRefused(
                select("none", 0, List.of("eth1", "eth1"), List.of(), ALL),
                ErrorCode.INVALID_NETWORK_CONFIG,
                "'eth1' twice");
    }

    @Test
    void requestForMoreNicsThanExistIsRefused() {
        assertRefused(select("none", 5, List.of(), List.of(), ALL), ErrorCode.TOO_FEW_NICS, "5 NICs", "has 4");
        assertRefused(select("none", 2, List.of("eth1"), List.of(), ALL), ErrorCode.TOO_FEW_NICS, "2 NICs", "has 1");
        assertRefused(select("none", 0, List.of(), List.of(), List.of()), ErrorCode.TOO_FEW_NICS, "none");
    }

    private static final List<Candidate> WITHOUT_ETH2 =
            List.of(ETH1, new Candidate("eth2", Cidr.parse("10.0.2.0/24"), false, Hardware.UNKNOWN, "is down"), ETH3);

    private static Selected selected(int size, List<Integer> indexes, String... nics) {
        return new Selected(
                Stream.of(nics).map(nic -> new Selection.Nic(nic, 0)).toList(), indexes, size);
    }

    @Test
    void nicThatCannotBeUsedIsRefusedIfItIsNeeded() {
        for (int nics : List.of(0, 3)) {
            assertRefused(
                    select("none", nics, List.of(), List.of(), WITHOUT_ETH2),
                    ErrorCode.NIC_UNUSABLE,
                    "eth2 (10.0.2.0/24) is down",
                    "allowPartial");
        }
        assertRefused(
                select("none", 0, List.of("eth2"), List.of(), WITHOUT_ETH2),
                ErrorCode.NIC_UNUSABLE,
                "eth2 (10.0.2.0/24) is down");
        assertThat(select("none", 2, List.of(), List.of(), WITHOUT_ETH2))
                .isEqualTo(selected(2, List.of(0, 1), "eth1", "eth3"));
    }

    @Test
    void partialSelectionKeepsTheIndexesOfTheOtherNics() {
        allowPartial = true;
        assertThat(select("none", 0, List.of(), List.of(), WITHOUT_ETH2))
                .isEqualTo(selected(3, List.of(0, 2), "eth1", "eth3"));
        assertThat(select("none", 0, List.of("eth2", "eth3"), List.of(), WITHOUT_ETH2))
                .isEqualTo(selected(2, List.of(1), "eth3"));
        assertRefused(
                select("none", 0, List.of("eth2"), List.of(), WITHOUT_ETH2), ErrorCode.NIC_UNUSABLE, "no other NIC");
    }

    @Test
    void negativeNumberOfNicsIsRefused() {
        assertRefused(select("none", -1, List.of(), List.of(), ALL), ErrorCode.INVALID_NETWORK_CONFIG, "nics is -1");
    }

    @Test
    void unknownStrategyIsNotTreatedAsNone() {
        assertRefused(
                select("fastest", 1, List.of(), List.of(), ALL),
                ErrorCode.INVALID_NETWORK_CONFIG,
                "'fastest' is unknown",
                "none, costOpt");
    }

    private boolean allowPartial;

    private Selection select(
            String strategy, int nics, List<String> masters, List<String> masterNets, List<Candidate> candidates) {
        return NicSelector.select(new SelectionRequest(
                "net",
                new SelectionPolicy(strategy, "", "", allowPartial),
                nics,
                masters,
                masterNets.stream().map(Cidr::parse).toList(),
                candidates,
                DeviceClasses.UNKNOWN,
                Topology.NONE));
    }

    private static void assertRefused(Selection selection, ErrorCode code, String... parts) {
        assertThat(selection).isInstanceOfSatisfying(Refused.class, refused -> {
            assertThat(refused.code()).isEqualTo(code);
            assertThat(refused.message()).contains("network net").contains(parts);
        });
    }
}
