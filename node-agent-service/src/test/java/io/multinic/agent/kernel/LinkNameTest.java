package io.multinic.agent.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LinkNameTest {
    @ParameterizedTest
    @ValueSource(strings = {"a", "eth0.100", "net1-0", "exactly15bytes!", "üüüüüüü", "-x", "all", "0", "名前"})
    void nameThatTheKernelAcceptsIsValid(String name) {
        assertThat(LinkName.fault(name)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "..",
                "sixteencharacter",
                "üüüüüüüü",
                "a/b",
                "a:b",
                "a b",
                "a\tb",
                "a\u000bb",
                "a\u00a0b",
                "à",
                "eth%d",
                "a\u0000b",
                "a\u0001b",
                "a\u007fb"
            })
    void nameThatTheKernelRefusesIsInvalid(String name) {
        assertThat(LinkName.fault(name)).isPresent();
    }
}
