package io.multinic.ipam.config;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Settings of retention and completeness.
///
/// @param settle how long an ended interval stays in the table that batches write; a short time keeps that table
///     small
/// @param keep how long an interval, a resolved conflict and an administrative change are kept after their end; whole
///     months are dropped
/// @param every period of the retention work
/// @param lagLimit maximum age of the last report of a node that counts as up to date
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
