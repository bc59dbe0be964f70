package io.multinic.agent.kernel.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Seeded generator of legal but unusual kernel objects that other programs may create: arguments of `ip`, and raw
/// rtnetlink messages with fields that `ip` does not set.
final class OddObjects {
    private static final int NLM_F_REQUEST_CREATE = 0x401;
    private static final int RTM_NEWLINK = 16;
    private static final int RTM_NEWADDR = 20;
    private static final int RTM_NEWROUTE = 24;
    private static final int RTM_NEWNEIGH = 28;
    private static final int RTM_NEWRULE = 32;
    private static final int INET = 2;
    private static final int INET6 = 10;

    private final Random random;
    private final String link;
    private final int index;

    /// @param link name of the link that addresses, routes and neighbours are added to, and its index
    OddObjects(Random random, String link, int index) {
        this.random = random;
        this.link = link;
        this.index = index;
    }

    private String pick(String... options) {
        return options[random.nextInt(options.length)];
    }

    private int upTo(int bound) {
        return random.nextInt(bound);
    }

    private String ip4() {
        return "10." + (100 + upTo(100)) + "." + upTo(256) + "." + (1 + upTo(254));
    }

    private String ip6() {
        return "fd" + (10 + upTo(80)) + "::" + Integer.toHexString(1 + upTo(0xfffe));
    }

    private boolean six() {
        return upTo(3) == 0;
    }

    /// Arguments of `ip` that add a rule.
    List<String> rule() {
        boolean six = six();
        var arguments = new ArrayList<>(List.of(six ? "-6" : "-4", "rule", "add"));
        if (upTo(6) == 0) {
            arguments.add("not");
        }
        arguments.addAll(List.of("from", six ? ip6() + "/" + upTo(129) : ip4() + "/" + upTo(33)));
        if (upTo(3) == 0) {
            arguments.addAll(List.of("to", six ? ip6() + "/" + upTo(129) : ip4() + "/" + upTo(33)));
        }
        arguments.addAll(split(pick(
                "",
                "fwmark 0x10/0xff",
                "iif lo",
                "oif " + link,
                "oif gone0",
                "tos 0x10",
                "ipproto tcp sport 100-200 dport 80",
                "uidrange 0-1000",
                "tun_id 77",
                "protocol 139",
                "protocol 255")));
        arguments.addAll(List.of("priority", Long.toString(pickLong(1, 13_900, 40_000, 4_294_967_295L))));
        arguments.addAll(split(pick(
                "lookup 100",
                "lookup 13900",
                "lookup 4294967295",
                "lookup 101 suppress_prefixlength 0",
                "lookup 102 suppress_ifgroup 7",
                "goto 50000",
                "nop",
                "blackhole",
                "unreachable",
                "prohibit",
                "l3mdev",
                "lookup 103 realms 3/4")));
        return arguments;
    }

    private long pickLong(long... options) {
        return options[upTo(options.length)];
    }

    private static List<String> split(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split(" "));
    }

    /// Arguments of `ip` that add a route.
    List<String> route() {
        boolean six = six();
        String to = six ? "fd99:" + Integer.toHexString(upTo(65_536)) + "::/48" : "172." + upTo(256) + ".0.0/16";
        String table = " table " + pick("main", "100", "13900", "14000", "4294967295");
        String metric = " metric " + pickLong(1, 77, 2_147_483_648L, 4_294_967_295L);
        String proto = pick("", " proto 139", " proto 140", " proto 255", " proto bird");
        String rest = table + metric + proto;
        String head = (six ? "-6" : "-4") + " route append ";
        String type = pick("blackhole ", "unreachable ", "prohibit ", "throw ");
        String text = switch (upTo(six ? 8 : 12)) {
            case 0 -> head + type + to + rest;
            case 1 -> head + to + " dev " + link + rest + " mtu lock 1000 initcwnd 9 rto_min 5ms";
            case 2 ->
                head + to + rest + " nexthop dev " + link + " weight 256 nexthop dev lo weight 1"
                        + (six ? "" : " nexthop via 10.99.0.77 dev " + link + " onlink");
            case 3 -> head + to + " nhid " + (1 + upTo(5)) + table;
            case 4 -> head + (six ? "local fd98::" : "local 10.98.0.") + (1 + upTo(9)) + " dev lo" + rest;
            case 5 -> head + to + " encap ip6 id 7 dst fd00::9 dev " + link + rest;
            case 6 -> head + (six ? "anycast fd97::7 dev " : "multicast 239.1.2.0/24 dev ") + link + rest;
            case 7 -> six ? head + to + " from fd12::/64 dev " + link + rest : head + to + " dev lo" + rest;
            case 8 -> head + to + " tos 0x10 dev " + link + rest;
            case 9 -> head + to + " via inet6 fe80::1 dev " + link + rest;
            case 10 -> head + "broadcast 10.97.255.255 dev " + link + rest;
            default -> head + to + " dev " + link + " scope " + pick("150", "host", "link") + rest + " realm 9";
        };
        return split(text);
    }

    /// Arguments of `ip` that add an address.
    List<String> address() {
        boolean six = six();
        String address =
                six ? ip6() + "/" + pick("0", "1", "64", "127", "128") : ip4() + "/" + pick("0", "1", "31", "32");
        String peer = six ? ip6() + "/" + upTo(129) : ip4() + "/" + upTo(33);
        return split("addr add "
                + pick(
                        address,
                        address + (six ? " nodad" : " label " + link + ":x"),
                        address + " scope " + pick("host", "link", "77"),
                        (six ? ip6() : ip4()) + " peer " + peer,
                        address + " valid_lft 1000 preferred_lft " + pick("0", "900"),
                        address + " metric 4000000000",
                        address + (six ? " home" : " broadcast 255.255.255.255"),
                        address + " noprefixroute",
                        address + " proto 0x77")
                + " dev " + link);
    }

    /// Arguments of `ip` that add a neighbour.
    List<String> neighbour() {
        String address = six() ? ip6() : ip4();
        return split(pick(
                "neigh replace " + address + " lladdr 02:00:00:00:00:0" + upTo(9) + " dev " + link + " nud "
                        + pick("permanent", "noarp", "stale", "reachable"),
                "neigh replace " + address + " lladdr 02:00:00:00:00:01 dev " + link + " extern_learn",
                "neigh replace " + address + " lladdr 02:00:00:00:00:01 dev " + link + " router use",
                "neigh replace " + address + " dev lo nud permanent",
                "neigh replace " + address + " dev lo lladdr 00:00:00:00:00:00 nud permanent protocol 9",
                "neigh replace proxy " + address + " dev " + link,
                "neigh replace " + address + " dev " + link + " nud failed"));
    }

    /// Arguments of `ip` that add or change a link.
    List<String> link(int number) {
        String name = pick("x", "-", "ü", "0x", "13900.", "!$&'()*") + number;
        return split(pick(
                "link add " + name + " type bridge",
                "link add " + name + " type veth peer name p" + number,
                "link add " + name + " link " + link + " type macvlan mode source",
                "link add " + name + " link " + link + " type macvtap mode passthru",
                "link add " + name + " type vxlan id " + number + " dev " + link + " dstport 4789",
                "link add " + name + " type ifb",
                "link add " + name + " mtu 68 type veth peer name p" + number,
                "link add " + name + " index " + (1_000_000_000 + number) + " type bridge",
                "tuntap add dev " + name + " mode " + pick("tun", "tap"),
                "link property add dev " + link + " altname " + "a".repeat(120) + number,
                "link set dev " + link + " alias " + "ä".repeat(upTo(100) + 1),
                "link set dev " + link + " group 4294967295",
                "link set dev " + link + " txqueuelen 1"));
    }

    /// A message with random values in the fields of its fixed part and in its attributes.
    byte[] raw() {
        return switch (upTo(5)) {
            case 0 -> rawRule();
            case 1 -> rawRoute();
            case 2 -> rawAddress();
            case 3 -> rawNeighbour();
            default -> rawAlias();
        };
    }

    private byte[] bytes(int length) {
        var bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private byte[] rawRule() {
        boolean six = six();
        var message = new Message(RTM_NEWRULE)
                .bytes(six ? INET6 : INET, upTo(six ? 129 : 33), upTo(six ? 129 : 33), upTo(4) == 0 ? 8 : 0)
                .bytes(upTo(256), 0, 0, upTo(9))
                .number(upTo(3) == 0 ? 2 : 0);
        int width = six ? 16 : 4;
        message.attribute(1, bytes(width))
                .attribute(2, bytes(width))
                .attribute(6, bytes(4))
                .attribute(21, bytes(1));
        return upTo(2) == 0 ? message.attribute(15, bytes(4)).finish() : message.finish();
    }

    private byte[] rawRoute() {
        boolean six = six();
        int length = upTo(six ? 129 : 33);
        byte[] destination = bytes(six ? 16 : 4);
        for (int bit = six ? 0 : length; !six && bit < 32; bit++) {
            destination[bit / 8] &= (byte) ~(0x80 >> bit % 8);
        }
        return new Message(RTM_NEWROUTE)
                .bytes(six ? INET6 : INET, length, 0, six ? 0 : 4 * upTo(8))
                .bytes(upTo(256), upTo(256), upTo(256), 1 + upTo(12))
                .number(0)
                .attribute(1, destination)
                .attribute(4, Message.u32(upTo(2) == 0 ? index : 1))
                .attribute(6, bytes(4))
                .attribute(15, Message.u32(1_000 + upTo(1 << 30)))
                .finish();
    }

    private byte[] rawAddress() {
        boolean six = six();
        int width = six ? 16 : 4;
        var message = new Message(RTM_NEWADDR)
                .bytes(six ? INET6 : INET, upTo(width * 8 + 1), upTo(256), upTo(256))
                .number(index)
                .attribute(2, bytes(width));
        return upTo(2) == 0 ? message.attribute(1, bytes(width)).finish() : message.finish();
    }

    /// Also without and with long hardware addresses, in every state.
    private byte[] rawNeighbour() {
        boolean six = six();
        var message = new Message(RTM_NEWNEIGH)
                .bytes(six ? INET6 : INET, 0, 0, 0)
                .number(upTo(3) == 0 ? 1 : index)
                .bytes(1 << upTo(8), 0, upTo(3) == 0 ? 8 : 0, upTo(256))
                .attribute(1, bytes(six ? 16 : 4));
        return upTo(3) == 0
                ? message.finish()
                : message.attribute(2, bytes(pick("6", "20").equals("6") ? 6 : 20))
                        .finish();
    }

    /// An alias that is no text.
    private byte[] rawAlias() {
        return new Message(RTM_NEWLINK)
                .bytes(0, 0, 0, 0)
                .number(index)
                .number(0)
                .number(0)
                .attribute(20, bytes(1 + upTo(200)))
                .finish();
    }

    /// Renames a link, or creates a bridge, under bytes that are no text.
    static byte[] named(byte[] name) {
        byte[] kind = "bridge".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        byte[] info = ByteBuffer.allocate(4 + 8)
                .order(ByteOrder.nativeOrder())
                .putShort((short) (4 + kind.length))
                .putShort((short) 1)
                .put(kind)
                .array();
        return new Message(RTM_NEWLINK)
                .bytes(0, 0, 0, 0)
                .number(0)
                .number(0)
                .number(0)
                .attribute(3, java.util.Arrays.copyOf(name, name.length + 1))
                .attribute(18, info)
                .finish();
    }

    /// A netlink message under construction.
    private static final class Message {
        private final ByteBuffer buffer = ByteBuffer.allocate(1024).order(ByteOrder.nativeOrder());

        Message(int type) {
            buffer.putInt(0)
                    .putShort((short) type)
                    .putShort((short) NLM_F_REQUEST_CREATE)
                    .putInt(0)
                    .putInt(0);
        }

        Message bytes(int... values) {
            for (int value : values) {
                buffer.put((byte) value);
            }
            return this;
        }

        Message number(int value) {
            buffer.putInt(value);
            return this;
        }

        static byte[] u32(int value) {
            return ByteBuffer.allocate(4)
                    .order(ByteOrder.nativeOrder())
                    .putInt(value)
                    .array();
        }

        Message attribute(int type, byte[] value) {
            buffer.putShort((short) (4 + value.length)).putShort((short) type).put(value);
            while (buffer.position() % 4 != 0) {
                buffer.put((byte) 0);
            }
            return this;
        }

        byte[] finish() {
            buffer.putInt(0, buffer.position());
            return java.util.Arrays.copyOf(buffer.array(), buffer.position());
        }
    }
}
