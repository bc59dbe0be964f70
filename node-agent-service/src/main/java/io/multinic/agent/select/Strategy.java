package io.multinic.agent.select;

import java.util.Optional;
import java.util.stream.Stream;

/// How NICs are chosen: `attachPolicy.strategy` of a MultiNicNetwork.
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

    /// As a MultiNicNetwork writes it.
    public String text() {
        return text;
    }

    /// Empty text is NONE; an unknown one is nothing at all.
    public static Optional<Strategy> parse(String text) {
        return text.isEmpty()
                ? Optional.of(NONE)
                : Stream.of(values())
                        .filter(strategy -> strategy.text.equals(text))
                        .findFirst();
    }
}
