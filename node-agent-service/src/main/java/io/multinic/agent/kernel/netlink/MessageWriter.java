package io.multinic.agent.kernel.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Builds one netlink message: header, fixed part, attributes; every part aligned to 4 bytes, in native byte order.
///
/// The sequence number is 0; [NetlinkConversation] sets it.
public final class MessageWriter {
    private static final int ATTRIBUTE_HEADER = 4;

    private byte[] bytes = new byte[256];
    private ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());

    MessageWriter(int type, int flags) {
        u32(0).u16(type).u16(flags | Rtnetlink.NLM_F_REQUEST).u32(0).u32(0);
    }

    MessageWriter u8(int value) {
        room(1).put((byte) value);
        return this;
    }

    MessageWriter u16(int value) {
        room(2).putShort((short) value);
        return this;
    }

    MessageWriter u32(int value) {
        room(4).putInt(value);
        return this;
    }

    MessageWriter attribute(int type, byte[] value) {
        header(type, value.length);
        room(value.length).put(value);
        return align();
    }

    MessageWriter attributeU8(int type, int value) {
        header(type, 1);
        return u8(value).align();
    }

    MessageWriter attributeU16(int type, int value) {
        header(type, 2);
        return u16(value).align();
    }

    MessageWriter attributeU32(int type, int value) {
        header(type, 4);
        return u32(value);
    }

    MessageWriter attributeU64(int type, long value) {
        header(type, 8);
        room(8).putLong(value);
        return this;
    }

    /// A string with a terminating zero.
    MessageWriter attributeText(int type, String value) {
        return attributeBareText(type, value + '\0');
    }

    /// A string without a terminating zero.
    MessageWriter attributeBareText(int type, String value) {
        return attribute(type, value.getBytes(StandardCharsets.UTF_8));
    }

    /// Opens an attribute that contains everything written until [#close] is called with the returned mark.
    int open(int type) {
        int mark = buffer.position();
        header(type, 0);
        return mark;
    }

    MessageWriter close(int mark) {
        buffer.putShort(mark, (short) (buffer.position() - mark));
        return this;
    }

    int position() {
        return buffer.position();
    }

    public byte[] finish() {
        buffer.putInt(0, buffer.position());
        return Arrays.copyOf(bytes, buffer.position());
    }

    private void header(int type, int length) {
        u16(ATTRIBUTE_HEADER + length).u16(type);
    }

    MessageWriter align() {
        while ((buffer.position() & 3) != 0) {
            u8(0);
        }
        return this;
    }

    private ByteBuffer room(int count) {
        if (buffer.remaining() < count) {
            int position = buffer.position();
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, position + count));
            buffer = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).position(position);
        }
        return buffer;
    }
}
