package io.multinic.agent.kernel;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpFamily;
import org.jspecify.annotations.Nullable;

/// A policy routing rule that directs packets to a table; rules with lower priority numbers are evaluated first.
///
/// @param from null for any source
/// @param to null for any destination
public record Rule(
        IpFamily family,
        int priority,
        @Nullable Cidr from,
        @Nullable Cidr to,
        int table,
        int protocol) {
    public Rule {
        if ((from != null && from.family() != family) || (to != null && to.family() != family)) {
            throw new IllegalArgumentException("a rule of " + family + " cannot select " + from + " and " + to);
        }
    }

    public static Rule to(Cidr destination, int table, int priority, int protocol) {
        return new Rule(destination.family(), priority, null, destination, table, protocol);
    }

    public static Rule from(Cidr source, int table, int priority, int protocol) {
        return new Rule(source.family(), priority, source, null, table, protocol);
    }

    @Override
    public String toString() {
        return priority + ": from " + (from == null ? "all" : from) + (to == null ? "" : " to " + to) + " lookup "
                + Integer.toUnsignedString(table) + " proto " + protocol;
    }
}
