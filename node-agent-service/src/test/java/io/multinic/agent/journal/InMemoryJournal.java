package io.multinic.agent.journal;

import io.multinic.agent.address.AddressRequest;
import io.multinic.agent.address.BlockAllocator;
import io.multinic.agent.address.BlockUse;
import io.multinic.agent.address.BlockUse.Rested;
import io.multinic.agent.address.Decision;
import io.multinic.agent.journal.Attachment.State;
import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.LedgerEvent;
import io.multinic.contract.wire.NicBlock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Fake of the journal, in memory.
public final class InMemoryJournal implements AllocationStore, Outbox {
    private final Map<AttachmentKey, Attachment> attachments = new LinkedHashMap<>();
    private final Map<AttachmentKey, Instant> tombstones = new HashMap<>();
    private final Map<String, List<Rested>> resting = new HashMap<>();
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
        Map<Cidr, BlockUse> use = new HashMap<>();
        for (NicBlock block : request.blocks()) {
            use.put(block.podBlock(), use(request.network(), block.podBlock()));
        }
        return switch (BlockAllocator.decide(request, use)) {
            case Decision.Refusal refusal -> new BeginResult.Refused(refusal);
            case Decision.Granted granted -> record(intent, granted, request.now());
        };
    }

    private BeginResult record(Intent intent, Decision.Granted granted, Instant now) {
        List<Allocation> allocations = new ArrayList<>();
        for (Decision.Grant grant : granted.grants()) {
            Allocation allocation = intent.allocation(grant);
            if (live().stream().anyMatch(held -> sameAddress(held, allocation))) {
                throw new IllegalStateException(grant.address() + " is held");
            }
            allocations.add(allocation);
            rested(intent.network()).removeIf(rested -> rested.address().equals(grant.address()));
        }
        var attachment = new Attachment(intent, State.INTENT, null, allocations);
        attachments.put(intent.key(), attachment);
        allocations.forEach(allocation -> event(LedgerEvent.Type.ALLOCATED, now, allocation));
        listeners.forEach(Runnable::run);
        return new BeginResult.Recorded(attachment);
    }

    private static boolean sameAddress(Allocation one, Allocation other) {
        return one.network().equals(other.network()) && one.address().equals(other.address());
    }

    private List<Rested> rested(String network) {
        return resting.computeIfAbsent(network, name -> new ArrayList<>());
    }

    private void event(LedgerEvent.Type type, Instant at, Allocation allocation) {
        events.add(new LedgerEvent(++lastSequence, type, at.isBefore(deliveredAsOf) ? deliveredAsOf : at, allocation));
    }

    private BlockUse use(String network, Cidr block) {
        var held = new TreeMap<IpAddress, String>();
        for (Allocation allocation : live()) {
            if (allocation.network().equals(network) && block.contains(allocation.address())) {
                held.put(allocation.address(), allocation.pod().toString());
            }
        }
        return new BlockUse(
                held,
                rested(network).stream()
                        .filter(rested -> block.contains(rested.address()))
                        .toList());
    }

    @Override
    public synchronized void attached(AttachmentKey key, String result) {
        var attachment = attachments.get(key);
        if (attachment == null || attachment.state() == State.DETACHING) {
            throw new IllegalStateException("no attachment " + key + " is being made");
        }
        attachments.put(key, new Attachment(attachment.intent(), State.ATTACHED, result, attachment.allocations()));
    }

    @Override
    public synchronized void detaching(AttachmentKey key) {
        attachments.computeIfPresent(
                key,
                (same, attachment) -> new Attachment(
                        attachment.intent(), State.DETACHING, attachment.result(), attachment.allocations()));
    }

    @Override
    public synchronized void undone(AttachmentKey key, Instant at) {
        var attachment = attachments.remove(key);
        if (attachment != null) {
            attachment.allocations().forEach(allocation -> {
                rested(allocation.network()).add(new Rested(allocation.address(), at));
                event(LedgerEvent.Type.FREED, at, allocation);
            });
        }
        listeners.forEach(Runnable::run);
    }

    @Override
    public synchronized void detached(AttachmentKey key, Instant at) {
        tombstones.put(key, at);
        undone(key, at);
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
    public synchronized void forget(Instant time) {
        tombstones.values().removeIf(at -> at.isBefore(time));
        resting.values()
                .forEach(list -> list.removeIf(rested -> rested.freedAt().isBefore(time)));
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
    public synchronized Delivery next(int limit, InstantSource clock) {
        List<LedgerEvent> pending = pending(limit);
        if (pending.size() >= limit) {
            return new Delivery(pending, Optional.empty());
        }
        deliveredAsOf = clock.instant();
        return new Delivery(pending, Optional.of(deliveredAsOf));
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
        return attachments.values().stream()
                .flatMap(attachment -> attachment.allocations().stream())
                .toList();
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
                hold(allocation, live().stream().noneMatch(held -> sameAddress(held, allocation)));
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
