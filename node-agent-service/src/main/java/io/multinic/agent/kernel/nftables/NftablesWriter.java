package io.multinic.agent.kernel.nftables;

import io.multinic.agent.kernel.nftables.ForwardChain.Accepts;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// Encodes nftables messages, as `nft` and `iptables-nft` do: `iptables -I FORWARD -i mnv+ -j ACCEPT`.
///
/// Headers have the host's byte order, numbers in attributes that of the network.
public final class NftablesWriter {
    static final int SUBSYSTEM = 10 << 8;
    static final int NEWCHAIN = SUBSYSTEM | 3;
    static final int GETCHAIN = SUBSYSTEM | 4;
    static final int NEWRULE = SUBSYSTEM | 6;
    static final int GETRULE = SUBSYSTEM | 7;
    static final int DELRULE = SUBSYSTEM | 8;
    private static final int BATCH_BEGIN = 0x10;
    private static final int BATCH_END = 0x11;

    private static final int REQUEST = 0x1;
    private static final int ACK = 0x4;
    private static final int DUMP = 0x300;
    private static final int CREATE = 0x400;
    private static final int NESTED = 0x8000;

    private static final int META_IIFNAME = 6;
    private static final int META_OIFNAME = 7;
    private static final int NF_ACCEPT = 1;

    private final ByteBuffer buffer = ByteBuffer.allocate(4096).order(ByteOrder.nativeOrder());

    private NftablesWriter() {}

    /// Requests all chains of all families.
    public static byte[] chains(int sequence) {
        var writer = new NftablesWriter();
        writer.end(writer.begin(GETCHAIN, REQUEST | DUMP, sequence, 0, 0));
        return writer.bytes();
    }

    /// Requests all rules of a chain.
    public static byte[] rules(int sequence, ForwardChain chain) {
        var writer = new NftablesWriter();
        int start = writer.begin(GETRULE, REQUEST | DUMP, sequence, chain.family(), 0);
        writer.place(chain);
        writer.end(start);
        return writer.bytes();
    }

    /// Inserts a rule at the beginning of a chain that accepts packets by the beginning of an interface's name; the
    /// message with the sequence number is acknowledged.
    public static byte[] insert(int sequence, ForwardChain chain, Accepts accepts, String prefix) {
        var writer = new NftablesWriter();
        writer.end(writer.begin(BATCH_BEGIN, REQUEST, 0, 0, SUBSYSTEM >> 8));
        int start = writer.begin(NEWRULE, REQUEST | ACK | CREATE, sequence, chain.family(), 0);
        writer.place(chain);
        int expressions = writer.open(4);
        writer.expressions(accepts == Accepts.FROM_PREFIX ? META_IIFNAME : META_OIFNAME, prefix);
        writer.close(expressions);
        writer.end(start);
        writer.end(writer.begin(BATCH_END, REQUEST, 0, 0, SUBSYSTEM >> 8));
        return writer.bytes();
    }

    /// Deletes a rule.
    public static byte[] delete(int sequence, ForwardChain chain, long handle) {
        var writer = new NftablesWriter();
        writer.end(writer.begin(BATCH_BEGIN, REQUEST, 0, 0, SUBSYSTEM >> 8));
        int start = writer.begin(DELRULE, REQUEST | ACK, sequence, chain.family(), 0);
        writer.place(chain);
        writer.number64(3, handle);
        writer.end(start);
        writer.end(writer.begin(BATCH_END, REQUEST, 0, 0, SUBSYSTEM >> 8));
        return writer.bytes();
    }

    private void place(ForwardChain chain) {
        text(1, chain.table());
        text(2, chain.name());
    }

    private void expressions(int metaKey, String prefix) {
        int element = open(1);
        text(1, "meta");
        int data = open(2);
        number(2, metaKey);
        number(1, 1);
        close(data);
        close(element);

        element = open(1);
        text(1, "cmp");
        data = open(2);
        number(1, 1);
        number(2, 0);
        int value = open(3);
        attribute(1, prefix.getBytes(StandardCharsets.US_ASCII));
        close(value);
        close(data);
        close(element);

        element = open(1);
        text(1, "counter");
        close(open(2));
        close(element);

        element = open(1);
        text(1, "immediate");
        data = open(2);
        number(1, 0);
        value = open(2);
        int verdict = open(2);
        number(1, NF_ACCEPT);
        close(verdict);
        close(value);
        close(data);
        close(element);
    }

    private int begin(int type, int flags, int sequence, int family, int resource) {
        int start = buffer.position();
        buffer.putInt(0)
                .putShort((short) type)
                .putShort((short) flags)
                .putInt(sequence)
                .putInt(0);
        buffer.put((byte) family).put((byte) 0).put((byte) (resource >> 8)).put((byte) resource);
        return start;
    }

    private void end(int start) {
        buffer.putInt(start, buffer.position() - start);
    }

    private int open(int type) {
        int start = buffer.position();
        buffer.putShort((short) 0).putShort((short) (type | NESTED));
        return start;
    }

    private void close(int start) {
        buffer.putShort(start, (short) (buffer.position() - start));
    }

    private void text(int type, String value) {
        attribute(type, (value + '\0').getBytes(StandardCharsets.UTF_8));
    }

    private void number(int type, int value) {
        attribute(type, ByteBuffer.allocate(4).putInt(value).array());
    }

    private void number64(int type, long value) {
        attribute(type, ByteBuffer.allocate(8).putLong(value).array());
    }

    private void attribute(int type, byte[] value) {
        buffer.putShort((short) (4 + value.length)).putShort((short) type).put(value);
        while ((buffer.position() & 3) != 0) {
            buffer.put((byte) 0);
        }
    }

    private byte[] bytes() {
        byte[] bytes = new byte[buffer.position()];
        buffer.get(0, bytes);
        return bytes;
    }
}
