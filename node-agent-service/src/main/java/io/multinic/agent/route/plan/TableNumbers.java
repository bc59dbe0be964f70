package io.multinic.agent.route.plan;

import io.multinic.contract.wire.NetworkPlan;

/// Numbers in the kernel that are ours: by them we know our own objects, and touch no others.
///
/// Routes of the plan and routes of single pods (the host side of a routed veth) lie in the same table of a network
/// but carry different protocol numbers, since different parts of the agent own them.
public final class TableNumbers {
    /// Protocol of routes and rules that follow from the plan; unassigned in iproute2's rt_protos.
    public static final int PLAN_PROTOCOL = 139;

    /// Protocol of routes to single pods of this node.
    public static final int POD_PROTOCOL = 140;

    /// Table of network number 0; tables up to 255 and the small numbers above it are often somebody's.
    private static final int FIRST_TABLE = 13_900;

    /// Priority of the rule of network number 0: after `local` (0), before `main` (32766).
    private static final int FIRST_RULE_PRIORITY = 13_900;

    /// The rule of the last network comes right before `main`.
    private static final int NETWORKS = 32_766 - FIRST_RULE_PRIORITY;

    private TableNumbers() {}

    public static int table(NetworkPlan network) {
        return FIRST_TABLE + network.number();
    }

    /// Whether a table can be one of ours; a network's number may be read back from it.
    public static boolean ours(int table) {
        return table >= FIRST_TABLE && table < FIRST_TABLE + NETWORKS;
    }

    public static int rulePriority(NetworkPlan network) {
        return FIRST_RULE_PRIORITY + network.number();
    }
}
