package io.multinic.ipam.store.usage;

import java.util.regex.Pattern;

/// Position in the pages of hosts: usage of the last host in millionths, and its row id.
public record UsageCursor(long millionths, long nodeId) {
    private static final Pattern TEXT = Pattern.compile("(\\d{1,18}):(\\d{1,18})");

    /// @throws IllegalArgumentException naming the text
    public static UsageCursor parse(String text) {
        var parts = TEXT.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException("'" + text + "' is no place in a page of hosts");
        }
        return new UsageCursor(Long.parseLong(parts.group(1)), Long.parseLong(parts.group(2)));
    }

    @Override
    public String toString() {
        return millionths + ":" + nodeId;
    }
}
