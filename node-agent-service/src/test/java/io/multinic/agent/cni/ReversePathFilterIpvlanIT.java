package io.multinic.agent.cni;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Pods on ipvlan reach the other node for every `rp_filter`.
@Tag("uml")
class ReversePathFilterIpvlanIT {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void podsReachEachOtherForEveryReversePathFilter(int nics) {
        assertThat(ReversePathFilterIT.unreachable(directory, "ipvlan", nics)).isEmpty();
    }
}
