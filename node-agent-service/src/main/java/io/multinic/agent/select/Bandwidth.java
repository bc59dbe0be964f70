package io.multinic.agent.select;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A bandwidth in Mbit/s.
public record Bandwidth(long mbps) {
    /// As the resource accepts it: a number and `bps` with a decimal unit prefix.
    private static final Pattern TEXT = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)\\s*([KMGT]?)bps");

    public Bandwidth {
        if (mbps < 0) {
            throw new IllegalArgumentException("bandwidth " + mbps + " Mbps is negative");
        }
    }

    /// Parses a text such as `10Gbps`; a part of one Mbit/s counts as a whole one. Empty if it is no bandwidth.
    public static Optional<Bandwidth> parse(String text) {
        Matcher matcher = TEXT.matcher(text.strip());
        if (!matcher.matches()) {
            return Optional.empty();
        }
        int exponent = switch (matcher.group(2)) {
            case "K" -> -3;
            case "M" -> 0;
            case "G" -> 3;
            case "T" -> 6;
            default -> -6;
        };
        var mbps = new BigDecimal(matcher.group(1)).scaleByPowerOfTen(exponent).setScale(0, RoundingMode.CEILING);
        return Optional.of(new Bandwidth(mbps.longValueExact()));
    }

    /// Written with the largest unit that has no fraction.
    @Override
    public String toString() {
        return mbps % 1000 == 0 && mbps > 0 ? mbps / 1000 + "Gbps" : mbps + "Mbps";
    }
}
