package io.multinic.agent.select;

import java.util.Optional;
import java.util.stream.Stream;

/// Strategy of NIC selection: `attachPolicy.strategy` of a MultiNicNetwork.
public enum Strategy {
    NONE("none"),
    COST_OPT("costOpt"),
    PERF_OPT("perfOpt"),
    DEV_CLASS("devClass"),
    TOPOLOGY("topology");

    private final String text;

    Strategy(String text) {
        this.text = text;
    }

    /// The name in a MultiNicNetwork.
    public String text() {
        return text;
    }

    /// The strategy of that name: NONE for empty text, empty for an unknown name.
    public static Optional<Strategy> parse(String text) {
        return text.isEmpty()
                ? Optional.of(NONE)
                : Stream.of(values())
                        .filter(strategy -> strategy.text.equals(text))
                        .findFirst();
    }
}
