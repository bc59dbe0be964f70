package io.multinic.agent.kernel;

import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A link of the fake kernel with its parent, peer and children.
final class FakeLink {
    private static final int ETHERNET_MTU = 1500;

    int index;
    String name;
    final String kind;
    String mode;
    boolean up;
    boolean flagsLoopback;
    int mtu = ETHERNET_MTU;

    @Nullable
    HardwareAddress address;

    int group;
    String alias = "";
    String parentDevice = "";

    @Nullable
    FakeLink lower;

    @Nullable
    FakeNetwork network;

    Duration proxyDelay = Duration.ofMillis(800);
    final Set<FakeLink> upper = new LinkedHashSet<>();
    final Map<Ipv4Setting, Integer> settings = new EnumMap<>(Ipv4Setting.class);

    FakeLink(int index, String name, String kind, String mode) {
        this.index = index;
        this.name = name;
        this.kind = kind;
        this.mode = mode;
        for (var setting : Ipv4Setting.values()) {
            settings.put(setting, 0);
        }
    }

    static HardwareAddress madeUp(long inode, int index) {
        return new HardwareAddress(String.format("02:00:00:%02x:%02x:%02x", inode & 255, index >> 8, index & 255));
    }

    FakeNetwork network() {
        return Objects.requireNonNull(network, name);
    }

    FakeLink loopback() {
        flagsLoopback = true;
        mtu = 65536;
        address = new HardwareAddress("00:00:00:00:00:00");
        return this;
    }

    void take(LinkEnd end) {
        up = end.up();
        group = end.group();
        mtu = end.mtu() == 0 ? mtu : end.mtu();
        address = end.address() == null ? address : end.address();
    }

    /// The link that a macvlan on this link gets as its parent.
    FakeLink real() {
        return kind.equals("macvlan") && lower != null ? lower : this;
    }

    /// Carrier: a veth has it while its peer is up, a child link while its parent has it.
    boolean carrier() {
        return up && (lower == null || (kind.equals("veth") ? lower.up : lower.carrier()));
    }

    Link seen() {
        boolean carrier = carrier();
        int flags = (up ? 0x1 : 0) | (flagsLoopback ? 0x8 : 0) | (carrier ? 0x10040 : 0);
        var state = flagsLoopback
                ? Link.OperState.UNKNOWN
                : !up ? Link.OperState.DOWN : carrier ? Link.OperState.UP : Link.OperState.LOWER_LAYER_DOWN;
        return new Link(
                index,
                name,
                kind,
                mode,
                flags,
                state,
                mtu,
                address,
                0,
                lower == null ? 0 : lower.index,
                lower == null || lower.network == network ? -1 : 0,
                group,
                alias,
                parentDevice);
    }
}
