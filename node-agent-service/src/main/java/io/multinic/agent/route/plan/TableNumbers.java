package io.multinic.agent.route.plan;

import io.multinic.contract.wire.NetworkPlan;

/// Numbers of route tables, rules and protocols by which the agent recognises the objects that it owns.
///
/// Routes of the plan and routes of single pods (the host side of a routed veth) are in the same table of a network but
/// have different protocol numbers, because different parts of the agent own them.
public final class TableNumbers {
    /// Protocol of routes and rules that follow from the plan; unassigned in iproute2's rt_protos.
    public static final int PLAN_PROTOCOL = 139;

    /// Protocol of routes to single pods of this node.
    public static final int POD_PROTOCOL = 140;

    /// Table of network number 0; numbers up to 255 and shortly above are often used by other programs.
    private static final int FIRST_TABLE = 13_900;

    /// Priority of the rule of network number 0: after `local` (0), before `main` (32766).
    private static final int FIRST_RULE_PRIORITY = 13_900;

    /// The rule of the last network comes right before `main`.
    private static final int NETWORKS = 32_766 - FIRST_RULE_PRIORITY;

    private TableNumbers() {}

    public static int table(NetworkPlan network) {
        return FIRST_TABLE + network.number();
    }

    /// True if a table is in the range of the networks' tables.
    public static boolean ours(int table) {
        return table >= FIRST_TABLE && table < FIRST_TABLE + NETWORKS;
    }

    public static int rulePriority(NetworkPlan network) {
        return FIRST_RULE_PRIORITY + network.number();
    }
}
