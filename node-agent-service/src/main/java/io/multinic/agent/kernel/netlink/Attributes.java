package io.multinic.agent.kernel.netlink;

import io.multinic.contract.address.IpAddress;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/// A cursor over netlink attributes; it ends at malformed data.
public final class Attributes {
    private static final int HEADER = 4;

    private final ByteBuffer buffer;
    private int type;
    private int start;
    private int length;
    private int next;

    /// Starts at the buffer's position and ends at its limit; the buffer is not changed.
    Attributes(ByteBuffer buffer) {
        this.buffer = buffer;
        this.next = buffer.position();
    }

    boolean next() {
        int left = buffer.limit() - next;
        if (left < HEADER) {
            return false;
        }
        int total = Short.toUnsignedInt(buffer.getShort(next));
        if (total < HEADER || total > left) {
            return false;
        }
        type = Short.toUnsignedInt(buffer.getShort(next + 2)) & Rtnetlink.NLA_TYPE_MASK;
        start = next + HEADER;
        length = total - HEADER;
        next += (total + 3) & ~3;
        return true;
    }

    int type() {
        return type;
    }

    int length() {
        return length;
    }

    int u8() {
        return Byte.toUnsignedInt(buffer.get(start));
    }

    int u16() {
        return Short.toUnsignedInt(buffer.getShort(start));
    }

    int u32() {
        return buffer.getInt(start);
    }

    byte[] bytes() {
        var bytes = new byte[length];
        buffer.get(start, bytes);
        return bytes;
    }

    IpAddress ipAddress() {
        return IpAddress.of(bytes());
    }

    /// The value as a string, up to its terminating zero if it has one. Names in the kernel are bytes: in one that is
    /// not UTF-8, each byte above 0x7f becomes `\xNN`, so that different names stay different.
    String text() {
        byte[] bytes = bytes();
        int end = 0;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, 0, end))
                    .toString();
        } catch (CharacterCodingException e) {
            return escaped(bytes, end);
        }
    }

    private static String escaped(byte[] bytes, int end) {
        var text = new StringBuilder();
        for (int i = 0; i < end; i++) {
            if (bytes[i] >= 0) {
                text.append((char) bytes[i]);
            } else {
                text.append("\\x").append(HexFormat.of().toHexDigits(bytes[i]));
            }
        }
        return text.toString();
    }

    /// The value of this attribute as a buffer of its own.
    ByteBuffer value() {
        return buffer.slice(start, length).order(buffer.order());
    }

    Attributes nested() {
        return new Attributes(value());
    }
}
