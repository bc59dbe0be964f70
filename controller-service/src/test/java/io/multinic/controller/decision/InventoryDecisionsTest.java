package io.multinic.controller.decision;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.address.PrefixedAddress;
import io.multinic.contract.error.ErrorCode;
import io.multinic.contract.error.ErrorKind;
import io.multinic.contract.error.MultiNicException;
import io.multinic.contract.wire.Nic;
import io.multinic.contract.wire.NodeInventory;
import io.multinic.contract.wire.NodeState;
import io.multinic.controller.decision.InventoryDecisions.Difference;
import io.multinic.controller.decision.InventoryDecisions.Outcome;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class InventoryDecisionsTest {
    private static final Nic ETH1 = new Nic("eth1", List.of(PrefixedAddress.parse("10.0.1.1/24")));
    private static final Nic ETH2 = new Nic("eth2", List.of(PrefixedAddress.parse("10.0.2.1/24")));
    private static final NodeInventory WANTED = new NodeInventory("uid-1", List.of(ETH1));

    @Test
    void knownNodeWithTheSameNicsHasNoDifference() {
        assertThat(InventoryDecisions.difference(known("uid-1", ETH1), WANTED)).isEqualTo(Difference.NONE);
    }

    @Test
    void unknownNodeAndOtherNicsAreADifferenceOfTheInventory() {
        assertThat(InventoryDecisions.difference(Optional.empty(), WANTED)).isEqualTo(Difference.INVENTORY);
        assertThat(InventoryDecisions.difference(known("uid-1", ETH1, ETH2), WANTED))
                .isEqualTo(Difference.INVENTORY);
        assertThat(InventoryDecisions.difference(known("uid-1"), WANTED)).isEqualTo(Difference.INVENTORY);
    }

    @Test
    void otherUidIsAReplacedNodeWhateverItsNics() {
        assertThat(InventoryDecisions.difference(known("uid-0", ETH1), WANTED)).isEqualTo(Difference.NODE_REPLACED);
        assertThat(InventoryDecisions.difference(known("uid-0", ETH2), WANTED)).isEqualTo(Difference.NODE_REPLACED);
    }

    @ParameterizedTest
    @EnumSource(ErrorCode.class)
    void failedRequestIsRefusedIfTheRequestIsWrongAndElseUnavailable(ErrorCode code) {
        boolean wrong = code.kind() == ErrorKind.CALLER || code.kind() == ErrorKind.CAPACITY;
        assertThat(InventoryDecisions.requestFailed(new MultiNicException(code, "why")))
                .isEqualTo(wrong ? Outcome.REFUSED : Outcome.UNAVAILABLE);
    }

    @ParameterizedTest
    @EnumSource(Outcome.class)
    void onlyAnUnavailablePeerIsRetriedBeforeTheResync(Outcome outcome) {
        assertThat(InventoryDecisions.next(outcome))
                .isEqualTo(outcome == Outcome.UNAVAILABLE ? NextReconciliation.RETRY : NextReconciliation.RESYNC);
    }

    @Test
    void outcomeTagsAreStable() {
        assertThat(Outcome.values())
                .extracting(Outcome::tag)
                .containsExactly("in_step", "no_node", "retired", "kept", "refused", "unavailable");
    }

    private static Optional<NodeState> known(String uid, Nic... nics) {
        return Optional.of(new NodeState("node-a", uid, 1, 0, 0, List.of(nics)));
    }
}
