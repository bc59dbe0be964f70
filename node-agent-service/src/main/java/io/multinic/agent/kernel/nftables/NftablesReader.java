package io.multinic.agent.kernel.nftables;

import io.multinic.agent.kernel.nftables.ForwardChain.Accepts;
import io.multinic.agent.kernel.nftables.ForwardChain.ForwardRule;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Decodes the bodies of nftables messages. Anything that it does not understand is a rule that neither accepts by an
/// interface's name nor drops every packet.
public final class NftablesReader {
    private static final int NETLINK_HEADER = 16;
    private static final int HEADER = 4;
    private static final int FORWARD_HOOK = 2;
    private static final int DROP = 0;
    private static final int ACCEPT = 1;
    private static final int META_IIFNAME = 6;
    private static final int META_OIFNAME = 7;
    private static final Set<Integer> FAMILIES = Set.of(1, 2, 10);

    private NftablesReader() {}

    /// A message of a datagram.
    ///
    /// @param error the errno of NLMSG_ERROR, 0 for an acknowledgement; -1 for other messages
    public record Message(int type, int flags, int sequence, int error, ByteBuffer body) {
        private static final int ERROR = 2;
        private static final int DONE = 3;
        private static final int INTERRUPTED = 0x10;

        public boolean done() {
            return type == DONE;
        }

        public boolean answersRequest() {
            return type == ERROR;
        }

        /// True if the list changed while the kernel wrote it.
        public boolean interrupted() {
            return (flags & INTERRUPTED) != 0;
        }
    }

    public static List<Message> messages(ByteBuffer datagram) {
        List<Message> messages = new ArrayList<>();
        int at = 0;
        while (datagram.limit() - at >= NETLINK_HEADER) {
            int length = datagram.getInt(at);
            if (length < NETLINK_HEADER || length > datagram.limit() - at) {
                break;
            }
            int type = Short.toUnsignedInt(datagram.getShort(at + 4));
            ByteBuffer body =
                    datagram.slice(at + NETLINK_HEADER, length - NETLINK_HEADER).order(ByteOrder.nativeOrder());
            int error = type == Message.ERROR && body.limit() >= 4 ? -body.getInt(0) : -1;
            messages.add(new Message(
                    type, Short.toUnsignedInt(datagram.getShort(at + 6)), datagram.getInt(at + 8), error, body));
            at += (length + 3) & ~3;
        }
        return messages;
    }

    public static boolean isChain(Message message) {
        return message.type() == NftablesWriter.NEWCHAIN && message.body().limit() >= HEADER;
    }

    public static boolean isRule(Message message) {
        return message.type() == NftablesWriter.NEWRULE && message.body().limit() >= HEADER;
    }

    /// The chain of a NEWCHAIN message, without its rules; empty if it does not see forwarded IP packets.
    public static Optional<ForwardChain> chain(ByteBuffer body) {
        int family = body.get(0);
        Map<Integer, ByteBuffer> attributes = attributes(body, HEADER);
        ByteBuffer hook = attributes.get(4);
        if (!FAMILIES.contains(family) || hook == null || number(attributes(hook, 0), 1, -1) != FORWARD_HOOK) {
            return Optional.empty();
        }
        return Optional.of(new ForwardChain(
                family, text(attributes, 1), text(attributes, 3), number(attributes, 5, ACCEPT) == DROP, List.of()));
    }

    /// The rule of a NEWRULE message.
    ///
    /// @param prefix beginning of the interface names that [Accepts] refers to
    public static ForwardRule rule(ByteBuffer body, String prefix) {
        Map<Integer, ByteBuffer> attributes = attributes(body, HEADER);
        ByteBuffer handle = attributes.get(3);
        var content = new Content(prefix);
        ByteBuffer expressions = attributes.get(4);
        if (expressions != null) {
            forEach(expressions, 0, (_, element) -> content.add(attributes(element, 0)));
        }
        return new ForwardRule(
                handle == null ? 0 : handle.duplicate().getLong(0), content.accepts(), content.dropsAll());
    }

    /// The meaning of the expressions of one rule.
    private static final class Content {
        private final String prefix;
        private int metaKey;
        private boolean matchesPrefix;
        private int verdict = -1;
        private boolean rejects;
        private boolean other;

        Content(String prefix) {
            this.prefix = prefix;
        }

        void add(Map<Integer, ByteBuffer> expression) {
            ByteBuffer content = expression.get(2);
            Map<Integer, ByteBuffer> data = content == null ? Map.of() : attributes(content, 0);
            switch (text(expression, 1)) {
                case "meta" -> {
                    other |= metaKey != 0;
                    metaKey = number(data, 2, 0);
                }
                case "cmp" -> {
                    boolean equal = number(data, 2, -1) == 0 && prefix.equals(value(data.get(3)));
                    other |= matchesPrefix || !equal;
                    matchesPrefix = equal;
                }
                case "immediate" -> verdict = verdict(data.get(2));
                case "reject" -> rejects = true;
                case "counter", "log" -> {}
                default -> other = true;
            }
        }

        private static String value(@Nullable ByteBuffer nested) {
            ByteBuffer value = nested == null ? null : attributes(nested, 0).get(1);
            return value == null
                    ? ""
                    : StandardCharsets.ISO_8859_1.decode(value.duplicate()).toString();
        }

        private static int verdict(@Nullable ByteBuffer nested) {
            ByteBuffer verdict = nested == null ? null : attributes(nested, 0).get(2);
            return verdict == null ? -1 : number(attributes(verdict, 0), 1, -1);
        }

        Accepts accepts() {
            if (other || rejects || verdict != ACCEPT || !matchesPrefix) {
                return Accepts.NONE;
            }
            return switch (metaKey) {
                case META_IIFNAME -> Accepts.FROM_PREFIX;
                case META_OIFNAME -> Accepts.TO_PREFIX;
                default -> Accepts.NONE;
            };
        }

        boolean dropsAll() {
            return !other && metaKey == 0 && (rejects || verdict == DROP);
        }
    }

    private interface Visitor {
        void visit(int type, ByteBuffer value);
    }

    private static Map<Integer, ByteBuffer> attributes(ByteBuffer buffer, int from) {
        Map<Integer, ByteBuffer> found = new HashMap<>();
        forEach(buffer, from, found::put);
        return found;
    }

    private static void forEach(ByteBuffer buffer, int from, Visitor visitor) {
        int at = from;
        while (buffer.limit() - at >= 4) {
            int length = Short.toUnsignedInt(buffer.getShort(at));
            if (length < 4 || length > buffer.limit() - at) {
                return;
            }
            int type = Short.toUnsignedInt(buffer.getShort(at + 2)) & 0x3fff;
            // Attributes within have the host's byte order, numbers that of the network: see number.
            visitor.visit(type, buffer.slice(at + 4, length - 4).order(ByteOrder.nativeOrder()));
            at += (length + 3) & ~3;
        }
    }

    private static int number(Map<Integer, ByteBuffer> attributes, int type, int fallback) {
        ByteBuffer value = attributes.get(type);
        return value == null || value.limit() < 4
                ? fallback
                : value.duplicate().order(ByteOrder.BIG_ENDIAN).getInt(0);
    }

    private static String text(Map<Integer, ByteBuffer> attributes, int type) {
        ByteBuffer value = attributes.get(type);
        if (value == null) {
            return "";
        }
        String text = StandardCharsets.UTF_8.decode(value.duplicate()).toString();
        int end = text.indexOf('\0');
        return end < 0 ? text : text.substring(0, end);
    }
}
