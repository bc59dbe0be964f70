package io.multinic.agent.kernel;

import java.util.Locale;

/// A link to create; parents are links of the stack that creates it.
public sealed interface NewLink {
    /// The end that identifies the link.
    LinkEnd end();

    /// The kind as in `ip link add`.
    String kind();

    record Macvlan(int parentIndex, MacvlanMode mode, LinkEnd end) implements NewLink {
        @Override
        public String kind() {
            return "macvlan";
        }
    }

    /// The mode belongs to the parent: a new ipvlan changes the mode of the others on the same parent.
    record Ipvlan(int parentIndex, IpvlanMode mode, LinkEnd end) implements NewLink {
        @Override
        public String kind() {
            return "ipvlan";
        }
    }

    /// A veth pair. The kernel cannot set the peer up when it creates the pair: that takes a [Change.SetLinkUp]
    /// with the index that `end` has as its parent.
    record Veth(LinkEnd end, LinkEnd peer) implements NewLink {
        public Veth {
            if (peer.up()) {
                throw new IllegalArgumentException("the peer " + peer.name() + " of a veth is made down");
            }
        }

        @Override
        public String kind() {
            return "veth";
        }
    }

    enum MacvlanMode {
        PRIVATE(1),
        VEPA(2),
        BRIDGE(4),
        PASSTHRU(8);

        private final int number;

        MacvlanMode(int number) {
            this.number = number;
        }

        public int number() {
            return number;
        }

        /// The mode as `ip` writes it.
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    enum IpvlanMode {
        L2(0),
        L3(1),
        L3S(2);

        private final int number;

        IpvlanMode(int number) {
            this.number = number;
        }

        public int number() {
            return number;
        }

        /// The mode as `ip` writes it.
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
