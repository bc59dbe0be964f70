package io.multinic.ipam.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NetworkNumbersTest {
    @Test
    void whatIsRightStays() {
        assertThat(NetworkNumbers.changes(Map.of("a", 0, "b", 1), Map.of("b", 1), List.of()))
                .isEmpty();
    }

    @Test
    void numbersChangePlaces() {
        assertThat(NetworkNumbers.changes(Map.of("a", 0, "b", 1, "c", 2), Map.of("a", 1, "b", 2, "c", 0), List.of()))
                .isEqualTo(Map.of("a", 1, "b", 2, "c", 0));
    }

    @Test
    void whoIsDisplacedGetsTheLowestThatIsLeft() {
        assertThat(NetworkNumbers.changes(Map.of("a", 0, "b", 1), Map.of("a", 1), List.of()))
                .isEqualTo(Map.of("a", 1, "b", 0));
    }

    @Test
    void aNumberThatAnotherNodeSpokeForStays() {
        assertThat(NetworkNumbers.changes(Map.of("a", 0, "b", 1), Map.of("a", 1), List.of("b")))
                .isEmpty();
        assertThat(NetworkNumbers.changes(Map.of("a", 0, "b", 1), Map.of("a", 5), List.of("a")))
                .isEmpty();
    }

    @Test
    void ofTwoNetworksStatedWithOneNumberOneHasItAndAllAreDistinct() {
        var changes = NetworkNumbers.changes(Map.of("a", 0, "b", 1), Map.of("a", 7, "b", 7), List.of());
        assertThat(changes).hasSize(1).containsValue(7);
    }

    @Test
    void networksThatDoNotExistHaveNoNumber() {
        assertThat(NetworkNumbers.changes(Map.of("a", 0), Map.of("lost", 0), List.of()))
                .isEmpty();
    }
}
