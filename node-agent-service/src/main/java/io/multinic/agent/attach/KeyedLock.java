package io.multinic.agent.attach;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/// A lock for each key: work for one key runs sequentially, work for different keys in parallel. Reentrant and fair.
final class KeyedLock<K> {
    private final Map<K, Entry> entries = new ConcurrentHashMap<>();

    /// Exists while a thread holds the lock or waits for it.
    private static final class Entry {
        private final ReentrantLock lock = new ReentrantLock(true);
        private int users;
    }

    /// Calls `work` unless another thread holds the lock of this key or waits for it; empty if so.
    <T> Optional<T> ifIdle(K key, Supplier<T> work) {
        Entry mine = new Entry();
        mine.users = 1;
        if (entries.putIfAbsent(key, mine) != null) {
            return Optional.empty();
        }
        return Optional.of(hold(key, mine, work));
    }

    <T> T withLock(K key, Supplier<T> work) {
        Entry entry = entries.compute(key, (_, present) -> {
            Entry found = present == null ? new Entry() : present;
            found.users++;
            return found;
        });
        return hold(key, entry, work);
    }

    private <T> T hold(K key, Entry entry, Supplier<T> work) {
        entry.lock.lock();
        try {
            return work.get();
        } finally {
            entry.lock.unlock();
            entries.compute(key, (_, _) -> --entry.users == 0 ? null : entry);
        }
    }
}
