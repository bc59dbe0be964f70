package io.multinic.ipam.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NetworkNumbersTest {
    @Test
    void correctNumbersStay() {
        assertThat(NetworkNumbers.changes(Map.of("a", 0, "b", 1), Map.of("b", 1), List.of()))
                .isEmpty();
    }

    @Test
    void numbersAreSwapped() {
        assertThat(NetworkNumbers.changes(Map.of("a", 0, "b", 1, "c", 2), Map.of("a", 1, "b", 2, "c", 0), List.of()))
                .isEqualTo(Map.of("a", 1, "b", 2, "c", 0));
    }

    @Test
    void displacedNetworkGetsTheLowestFreeNumber() {
        assertThat(NetworkNumbers.changes(Map.of("a", 0, "b", 1), Map.of("a", 1), List.of()))
                .isEqualTo(Map.of("a", 1, "b", 0));
    }

    @Test
    void numberStatedByAnotherNodeStays() {
        assertThat(NetworkNumbers.changes(Map.of("a", 0, "b", 1), Map.of("a", 1), List.of("b")))
                .isEmpty();
        assertThat(NetworkNumbers.changes(Map.of("a", 0, "b", 1), Map.of("a", 5), List.of("a")))
                .isEmpty();
    }

    @Test
    void networksStatedWithTheSameNumberStayDistinct() {
        var changes = NetworkNumbers.changes(Map.of("a", 0, "b", 1), Map.of("a", 7, "b", 7), List.of());
        assertThat(changes).hasSize(1).containsValue(7);
    }

    @Test
    void unknownNetworksGetNoNumber() {
        assertThat(NetworkNumbers.changes(Map.of("a", 0), Map.of("lost", 0), List.of()))
                .isEmpty();
    }
}
