package io.multinic.agent.kernel;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/// Counts the messages of the kernel that were skipped because they could not be read, by the kind of their object.
///
/// An object that stays is counted each time it is listed.
public final class SkippedMessages {
    /// Kind of the object that a message describes.
    public enum Kind {
        LINK,
        ADDRESS,
        ROUTE,
        RULE,
        NEIGHBOUR,
        OTHER
    }

    private final Map<Kind, LongAdder> counts = new ConcurrentHashMap<>();

    /// @return true for the first message of its kind
    public boolean add(Kind kind) {
        LongAdder count = counts.computeIfAbsent(kind, _ -> new LongAdder());
        count.increment();
        return count.sum() == 1;
    }

    public long count(Kind kind) {
        LongAdder count = counts.get(kind);
        return count == null ? 0 : count.sum();
    }
}
