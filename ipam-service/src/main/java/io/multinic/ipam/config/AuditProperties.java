package io.multinic.ipam.config;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// How long the history stays, and where.
///
/// @param settle how long an ended interval stays in the table that batches write; short keeps that table small
/// @param keep how long an interval, a resolved conflict and an administrator's action are kept after their end; whole
///     months leave
/// @param every how often that is looked after
/// @param lagLimit a node whose agent has not reported for longer is behind
@ConfigurationProperties("multi-nic.ipam.audit")
record AuditProperties(
        @DefaultValue("1h") Duration settle,
        @DefaultValue("400d") Duration keep,
        @DefaultValue("1m") Duration every,
        @DefaultValue("2m") Duration lagLimit) {
    private static final Duration LONGEST = Duration.ofDays(36_500);

    AuditProperties {
        require("settle", settle, Duration.ZERO);
        require("keep", keep, Duration.ofDays(1));
        require("every", every, Duration.ofSeconds(1));
        require("lag-limit", lagLimit, Duration.ofSeconds(1));
        if (keep.compareTo(settle) < 0) {
            throw new IllegalArgumentException("multi-nic.ipam.audit.keep is " + keep + ", less than settle, " + settle
                    + "; history would be dropped before it is history");
        }
    }

    private static void require(String name, Duration value, Duration least) {
        if (value.compareTo(least) < 0 || value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("multi-nic.ipam.audit." + name + " is " + value + "; give " + least
                    + " to " + LONGEST.toDays() + " days, such as 1h or 400d");
        }
    }
}
