package io.multinic.agent.attach;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/// One at a time for each key, any number for different keys.
final class KeyedLock<K> {
    private final Map<K, Turn> turns = new ConcurrentHashMap<>();

    /// Lives as long as somebody has it or waits for it.
    private static final class Turn {
        private final ReentrantLock lock = new ReentrantLock(true);
        private int users;
    }

    <T> T take(K key, Supplier<T> work) {
        Turn turn = turns.compute(key, (same, present) -> {
            Turn found = present == null ? new Turn() : present;
            found.users++;
            return found;
        });
        turn.lock.lock();
        try {
            return work.get();
        } finally {
            turn.lock.unlock();
            turns.compute(key, (same, present) -> --turn.users == 0 ? null : turn);
        }
    }
}
