package io.multinic.agent.kernel;

import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;

/// A link-layer address as `ip link` writes it, lower case: 6 bytes for Ethernet, 20 for IP over InfiniBand.
public record HardwareAddress(String text) {
    private static final Pattern FORM = Pattern.compile("[0-9a-f]{2}(:[0-9a-f]{2}){0,31}");
    private static final HexFormat COLONS = HexFormat.ofDelimiter(":");

    public HardwareAddress {
        text = text.toLowerCase(Locale.ROOT);
        if (!FORM.matcher(text).matches()) {
            throw new IllegalArgumentException("'" + text + "' is not a hardware address");
        }
    }

    public static HardwareAddress of(byte[] bytes) {
        return new HardwareAddress(COLONS.formatHex(bytes));
    }

    public byte[] bytes() {
        return COLONS.parseHex(text);
    }

    @Override
    public String toString() {
        return text;
    }
}
