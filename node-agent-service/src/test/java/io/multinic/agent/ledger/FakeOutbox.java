package io.multinic.agent.ledger;

import io.multinic.agent.journal.Outbox;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.PodRef;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Outbox in memory.
final class FakeOutbox implements Outbox {
    private @Nullable Error failure;
    private String storeId;
    private final List<LedgerEvent> events = new ArrayList<>();
    private final List<Runnable> listeners = new ArrayList<>();
    private final Set<Allocation> live = new LinkedHashSet<>();
    private long confirmed;
    private long sequence;

    FakeOutbox(String storeId) {
        this.storeId = storeId;
    }

    static Allocation allocation(int number) {
        return new Allocation(
                "multi-nic-sample",
                IpAddress.parse("192.168.0.0").plus(number),
                "eth1",
                new PodRef("default", "pod-" + number, ""),
                "container-" + number,
                "net1",
                "net1-0");
    }

    /// Records an allocation and its event.
    void allocate(int number) {
        List<Runnable> notified;
        synchronized (this) {
            live.add(allocation(number));
            events.add(new LedgerEvent(
                    ++sequence,
                    LedgerEvent.Type.ALLOCATED,
                    Instant.parse("2026-01-01T00:00:00Z").plusSeconds(number),
                    allocation(number)));
            notified = List.copyOf(listeners);
        }
        notified.forEach(Runnable::run);
    }

    @Override
    public synchronized String storeId() {
        return storeId;
    }

    @Override
    public synchronized List<LedgerEvent> pending(int limit) {
        return List.copyOf(events.subList(0, Math.min(limit, events.size())));
    }

    /// Makes the next delivery fail.
    synchronized void failOnce(Error error) {
        failure = error;
    }

    @Override
    public synchronized Backlog backlog() {
        return new Backlog(events.size(), events.stream().findFirst().map(LedgerEvent::at));
    }

    @Override
    public synchronized Delivery next(int limit, InstantSource clock) {
        Error thrown = failure;
        failure = null;
        if (thrown != null) {
            throw thrown;
        }
        List<LedgerEvent> pending = pending(limit);
        return new Delivery(pending, pending.size() < limit ? Optional.of(clock.instant()) : Optional.empty());
    }

    @Override
    public synchronized void confirm(long through) {
        if (through > sequence) {
            throw new IllegalArgumentException("event " + through + " was never written, the last is " + sequence);
        }
        confirmed = Math.max(confirmed, through);
        events.removeIf(event -> event.sequence() <= through);
    }

    @Override
    public synchronized long confirmed() {
        return confirmed;
    }

    @Override
    public synchronized void onEvents(Runnable listener) {
        listeners.add(listener);
    }

    @Override
    public synchronized List<Allocation> live() {
        return List.copyOf(live);
    }

    @Override
    public synchronized void restore(List<Allocation> allocations) {
        live.addAll(allocations);
    }

    @Override
    public synchronized long written() {
        return sequence;
    }

    @Override
    public synchronized void renewStoreId(String newStoreId, List<Allocation> held, Instant at) {
        storeId = newStoreId;
        live.addAll(held);
        events.clear();
        confirmed = 0;
        sequence = 0;
        live.forEach(allocation -> events.add(new LedgerEvent(++sequence, LedgerEvent.Type.ALLOCATED, at, allocation)));
    }
}
