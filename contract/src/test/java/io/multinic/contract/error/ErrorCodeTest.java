package io.multinic.contract.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ErrorCodeTest {
    @Test
    void numbersAreUniqueAndOursStartAtOneHundred() {
        assertThat(Arrays.stream(ErrorCode.values()).map(ErrorCode::cniCode)).doesNotHaveDuplicates();
        assertThat(Arrays.stream(ErrorCode.values())
                        .map(ErrorCode::cniCode)
                        .filter(code -> code < 100)
                        .toList())
                .containsExactly(1, 4, 6, 7, 11);
    }
}
