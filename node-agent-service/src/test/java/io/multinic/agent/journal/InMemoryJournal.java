package io.multinic.agent.journal;

import io.multinic.agent.address.AddressRequest;
import io.multinic.agent.address.BlockAllocator;
import io.multinic.agent.address.Decision;
import io.multinic.agent.address.InMemoryAddresses;
import io.multinic.agent.address.InMemoryAddresses.Freed;
import io.multinic.agent.journal.Attachment.State;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.LedgerEvent;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Fake of the journal, in memory.
public final class InMemoryJournal implements AllocationStore, Outbox {
    private final Map<AttachmentKey, Attachment> attachments = new LinkedHashMap<>();
    private final Map<AttachmentKey, Instant> tombstones = new HashMap<>();
    private final Map<String, List<Freed>> freed = new HashMap<>();
    /// Time of the grant of allocations whose ALLOCATED event was not added yet.
    private final Map<Allocation, Instant> unreported = new HashMap<>();
    private final Map<Allocation, Instant> freedBefore = new HashMap<>();
    private final List<LedgerEvent> events = new ArrayList<>();
    private final List<Runnable> listeners = new ArrayList<>();
    private Instant deliveredAsOf = Instant.EPOCH;
    private long lastSequence;
    private boolean restored;
    private String storeId = "in-memory";

    @Override
    public synchronized BeginResult begin(Intent intent, AddressRequest request) {
        var key = intent.key();
        var existing = attachments.get(key);
        if (existing != null) {
            return new BeginResult.Existing(existing);
        }
        var deletedAt = tombstones.get(key);
        if (deletedAt != null) {
            return new BeginResult.Deleted(key, deletedAt);
        }
        if (!restored) {
            return new BeginResult.NotRestored();
        }
        if (!intent.pod().uid().isEmpty()) {
            attachments.replaceAll(
                    (_, other) -> ofEarlierBoot(other, intent) ? withoutAddresses(other, request) : other);
        }
        return switch (BlockAllocator.decide(request, addresses(request.network()))) {
            case Decision.Refusal refusal -> new BeginResult.Refused(refusal);
            case Decision.Granted granted -> record(intent, granted, request.now());
        };
    }

    private static boolean ofEarlierBoot(Attachment other, Intent intent) {
        var sandbox = other.intent().sandbox();
        return other.intent().pod().equals(intent.pod())
                && !sandbox.equals(Sandbox.UNKNOWN)
                && !sandbox.boot().equals(intent.sandbox().boot());
    }

    private Attachment withoutAddresses(Attachment old, AddressRequest request) {
        old.allocations().forEach(allocation -> free(allocation, request.now(), false));
        return new Attachment(old.intent(), old.state(), old.result(), List.of());
    }

    private InMemoryAddresses addresses(String network) {
        var addresses = new InMemoryAddresses();
        freed(network).forEach(addresses::free);
        held().filter(allocation -> allocation.network().equals(network))
                .forEach(allocation ->
                        addresses.hold(allocation.address(), allocation.pod().toString()));
        return addresses;
    }

    private BeginResult record(Intent intent, Decision.Granted granted, Instant now) {
        List<Allocation> allocations = new ArrayList<>();
        for (Decision.Grant grant : granted.grants()) {
            Allocation allocation = intent.allocation(grant);
            if (held().anyMatch(held -> sameAddress(held, allocation))) {
                throw new IllegalStateException(grant.address() + " is held");
            }
            allocations.add(allocation);
        }
        allocations.forEach(allocation -> grant(allocation, now));
        var attachment = new Attachment(intent, State.INTENT, null, allocations);
        attachments.put(intent.key(), attachment);
        return new BeginResult.Recorded(attachment);
    }

    private void grant(Allocation allocation, Instant now) {
        unreported.put(allocation, now);
        freed(allocation.network()).removeIf(old -> {
            boolean same = old.address().equals(allocation.address());
            if (same) {
                freedBefore.put(allocation, old.at());
            }
            return same;
        });
    }

    private void free(Allocation allocation, Instant at, boolean unused) {
        var before = freedBefore.remove(allocation);
        var since = !unused ? at : before != null ? before : Instant.EPOCH;
        freed(allocation.network())
                .add(new Freed(allocation.address(), since, allocation.pod(), allocation.podInterface()));
        if (unreported.remove(allocation) == null) {
            event(LedgerEvent.Type.FREED, at, allocation);
        }
    }

    private static boolean sameAddress(Allocation one, Allocation other) {
        return one.network().equals(other.network()) && one.address().equals(other.address());
    }

    private List<Freed> freed(String network) {
        return freed.computeIfAbsent(network, _ -> new ArrayList<>());
    }

    private Stream<Allocation> held() {
        return attachments.values().stream().flatMap(attachment -> attachment.allocations().stream());
    }

    private void event(LedgerEvent.Type type, Instant at, Allocation allocation) {
        events.add(new LedgerEvent(++lastSequence, type, at.isBefore(deliveredAsOf) ? deliveredAsOf : at, allocation));
    }

    @Override
    public synchronized void attached(AttachmentKey key, String result) {
        var attachment = attachments.get(key);
        if (attachment == null || attachment.state() == State.DETACHING) {
            throw new IllegalStateException("no attachment " + key + " is being made");
        }
        attachments.put(key, new Attachment(attachment.intent(), State.ATTACHED, result, attachment.allocations()));
        attachment.allocations().forEach(allocation -> {
            var at = unreported.remove(allocation);
            if (at != null) {
                event(LedgerEvent.Type.ALLOCATED, at, allocation);
            }
        });
        listeners.forEach(Runnable::run);
    }

    @Override
    public synchronized void detaching(AttachmentKey key) {
        attachments.computeIfPresent(
                key,
                (same, attachment) -> new Attachment(
                        attachment.intent(), State.DETACHING, attachment.result(), attachment.allocations()));
    }

    @Override
    public synchronized void undone(AttachmentKey key, Instant at, Set<String> unused) {
        var attachment = attachments.remove(key);
        if (attachment != null) {
            attachment
                    .allocations()
                    .forEach(allocation -> free(allocation, at, unused.contains(allocation.podInterface())));
        }
        listeners.forEach(Runnable::run);
    }

    @Override
    public synchronized void detached(AttachmentKey key, Instant at) {
        tombstones.put(key, at);
        undone(key, at, Set.of());
    }

    @Override
    public synchronized boolean restored() {
        return restored;
    }

    @Override
    public synchronized Optional<Attachment> find(AttachmentKey key) {
        return Optional.ofNullable(attachments.get(key));
    }

    @Override
    public synchronized List<Attachment> attachments() {
        return List.copyOf(attachments.values());
    }

    @Override
    public synchronized void forget(Instant time, Instant resting) {
        tombstones.values().removeIf(at -> at.isBefore(time));
        freed.values().forEach(list -> list.removeIf(old -> old.at().isBefore(time)));
    }

    @Override
    public synchronized String storeId() {
        return storeId;
    }

    @Override
    public synchronized List<LedgerEvent> pending(int limit) {
        return events.stream().limit(limit).toList();
    }

    @Override
    public synchronized Backlog backlog() {
        return new Backlog(events.size(), events.stream().findFirst().map(LedgerEvent::at));
    }

    @Override
    public synchronized Delivery next(int limit, InstantSource clock) {
        List<LedgerEvent> pending = pending(limit);
        if (pending.size() >= limit) {
            return new Delivery(pending, Optional.empty());
        }
        deliveredAsOf = completeUntil(clock.instant());
        return new Delivery(pending, Optional.of(deliveredAsOf));
    }

    private Instant completeUntil(Instant now) {
        Instant delivered = deliveredAsOf.isAfter(now) ? Instant.EPOCH : deliveredAsOf;
        return unreported.values().stream()
                .filter(at -> at.isAfter(now.minus(LONGEST_ADD)) && !at.isAfter(now))
                .min(Comparator.naturalOrder())
                .map(at -> at.isAfter(delivered) ? at : delivered)
                .orElse(now);
    }

    @Override
    public synchronized void confirm(long sequence) {
        restored = true;
        events.removeIf(event -> event.sequence() <= sequence);
    }

    @Override
    public synchronized long confirmed() {
        return events.isEmpty() ? lastSequence : events.getFirst().sequence() - 1;
    }

    @Override
    public synchronized void onEvents(Runnable listener) {
        listeners.add(listener);
    }

    @Override
    public synchronized List<Allocation> live() {
        return held().filter(allocation -> !unreported.containsKey(allocation)).toList();
    }

    @Override
    public synchronized long written() {
        return lastSequence;
    }

    @Override
    public synchronized void restore(List<Allocation> allocations) {
        Set<AttachmentKey> known = Set.copyOf(attachments.keySet());
        unfreed(allocations).forEach(allocation -> {
            if (!known.contains(key(allocation)) && !freedByDeletion(allocation)) {
                hold(allocation, held().noneMatch(held -> sameAddress(held, allocation)));
            }
        });
        listeners.forEach(Runnable::run);
    }

    @Override
    public synchronized void renewStoreId(String another, List<Allocation> held, Instant at) {
        storeId = another;
        restored = false;
        List<LedgerEvent> before = List.copyOf(events);
        events.clear();
        lastSequence = 0;
        before.stream()
                .filter(event -> event.type() == LedgerEvent.Type.FREED)
                .forEach(event -> event(event.type(), event.at(), event.allocation()));
        unfreed(held).forEach(allocation -> {
            if (!freedByDeletion(allocation)) {
                attachments.replaceAll((key, attachment) -> without(attachment, allocation));
                hold(allocation, true);
            }
        });
        live().forEach(allocation -> event(LedgerEvent.Type.ALLOCATED, at, allocation));
        listeners.forEach(Runnable::run);
    }

    private List<Allocation> unfreed(List<Allocation> allocations) {
        return allocations.stream()
                .filter(allocation -> events.stream()
                        .noneMatch(event -> event.type() == LedgerEvent.Type.FREED
                                && event.allocation().equals(allocation)))
                .toList();
    }

    private static AttachmentKey key(Allocation allocation) {
        return new AttachmentKey(allocation.containerId(), allocation.ifName());
    }

    private boolean freedByDeletion(Allocation allocation) {
        Instant deletedAt = tombstones.get(key(allocation));
        if (deletedAt != null) {
            event(LedgerEvent.Type.FREED, deletedAt, allocation);
        }
        return deletedAt != null;
    }

    private static Attachment without(Attachment attachment, Allocation lost) {
        return new Attachment(
                attachment.intent(),
                attachment.state(),
                attachment.result(),
                attachment.allocations().stream()
                        .filter(held -> !sameAddress(held, lost))
                        .toList());
    }

    private void hold(Allocation allocation, boolean address) {
        var key = key(allocation);
        var known = attachments.computeIfAbsent(
                key,
                unknown -> new Attachment(
                        new Intent(key, allocation.network(), Sandbox.UNKNOWN, allocation.pod(), "", ""),
                        State.ATTACHED,
                        "",
                        List.of()));
        if (address) {
            List<Allocation> held = new ArrayList<>(known.allocations());
            held.add(allocation);
            attachments.put(key, new Attachment(known.intent(), known.state(), known.result(), held));
        }
    }
}
