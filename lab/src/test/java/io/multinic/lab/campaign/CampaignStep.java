package io.multinic.lab.campaign;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/// One step of a campaign.
///
/// @param node the node it concerns; empty for one that concerns no single node
/// @param network the network of a pod or of a GC call; empty otherwise
/// @param pick selects one of several pods, NICs or variants, modulo their number
record CampaignStep(int number, Kind kind, String node, String network, int pick) {

    /// The part of the lab that a fault takes: a part has one fault at a time.
    enum Part {
        NONE,
        NODE,
        IPAM,
        PLUGIN
    }

    /// The kinds of steps, with their number in a deck of cards that the generator draws from. A fault that lasts is
    /// ended some steps later, by the step that is its `end`.
    enum Kind {
        ADD(100),
        DELETE(74),
        CHECK(36),
        GC(12),
        /// The pod and its sandbox are gone, and no DEL is sent.
        LOST_DELETE(8),
        /// SIGKILL of the agent in the middle of an ADD, then a restart.
        KILL_DURING_ADD(2),
        START_AGENT(0),
        KILL_AGENT(2, Part.NODE, START_AGENT),
        /// All processes and namespaces of the node are gone; it starts again with a new boot id.
        CRASH_NODE(2),
        RESUME_PLUGIN(0),
        HANG_PLUGIN(2, Part.PLUGIN, RESUME_PLUGIN),
        FREE_DISK(0),
        FILL_DISK(3, Part.NODE, FREE_DISK),
        START_IPAM(0),
        KILL_IPAM(1, Part.IPAM, START_IPAM),
        RESTORE_CLOCK(0),
        /// The wall clock of the node's agent jumps, up to an hour in either direction.
        JUMP_CLOCK(4, Part.NODE, RESTORE_CLOCK),
        NIC_UP(0),
        NIC_DOWN(3, Part.NODE, NIC_UP),
        /// The link of the NIC has no carrier.
        CABLE_IN(0),
        CABLE_OUT(3, Part.NODE, CABLE_IN),
        /// Deletes the routes to other nodes, or the rules that lead to them.
        REMOVE_HOST_ROUTES(5),
        /// Deletes routes to pods, or flushes a whole table of the agent.
        REMOVE_POD_ROUTES(5),
        /// Switches off forwarding or proxy ARP.
        CHANGE_SYSCTLS(5),
        RENAME_BACK(0),
        RENAME_NIC(2, Part.NODE, RENAME_BACK),
        /// The NIC is deleted and created again, as by a reload of its driver.
        RECREATE_NIC(3);

        private final int cards;
        private final Part part;
        private final Kind end;

        Kind(int cards) {
            this.cards = cards;
            part = Part.NONE;
            end = this;
        }

        Kind(int cards, Part part, Kind end) {
            this.cards = cards;
            this.part = part;
            this.end = end;
        }

        int cards() {
            return cards;
        }

        Part part() {
            return part;
        }

        /// The step that ends this fault; the kind itself if it does not last.
        Kind end() {
            return end;
        }

        boolean lasts() {
            return end != this;
        }

        static Set<Kind> all() {
            return EnumSet.copyOf(Arrays.asList(values()));
        }
    }

    @Override
    public String toString() {
        return "step " + number + " " + kind + (node.isEmpty() ? "" : " " + node)
                + (network.isEmpty() ? "" : " " + network) + " #" + pick;
    }
}
