package io.multinic.agent.kernel.nftables;

import java.util.List;

/// A chain of packet filter rules for forwarded packets.
///
/// @param family NFPROTO_*: 1 inet, 2 ip, 10 ip6
/// @param dropsByPolicy true if a packet that no rule accepts is dropped
/// @param rules in the order of evaluation
public record ForwardChain(int family, String table, String name, boolean dropsByPolicy, List<ForwardRule> rules) {
    public ForwardChain {
        rules = List.copyOf(rules);
    }

    /// True if the chain drops or rejects every packet that no earlier rule accepts.
    public boolean dropsByDefault() {
        return dropsByPolicy || rules.stream().anyMatch(ForwardRule::dropsAll);
    }

    @Override
    public String toString() {
        String kind = family == 1 ? "inet" : family == 2 ? "ip" : family == 10 ? "ip6" : "family " + family;
        return "chain " + name + " of table " + kind + " " + table;
    }

    /// A rule of the chain.
    ///
    /// @param accepts the packets that it accepts by the beginning of an interface's name and nothing else, or NONE
    /// @param dropsAll true if it drops or rejects every packet
    public record ForwardRule(long handle, Accepts accepts, boolean dropsAll) {}

    /// Packets that are accepted by the beginning of an interface's name.
    public enum Accepts {
        NONE,
        FROM_PREFIX,
        TO_PREFIX
    }
}
