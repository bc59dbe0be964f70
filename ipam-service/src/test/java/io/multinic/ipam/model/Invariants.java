package io.multinic.ipam.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.wire.Allocation;
import io.multinic.contract.wire.LedgerEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Invariants of the service's state after every step, independent of the reference model.
final class Invariants {
    private Invariants() {}

    static void require(ObservedState before, ObservedState after, String done, String where) {
        requireDisjointBlocks(after, where);
        if (!after.plan().equals(before.plan())) {
            requireStableIndexes(before, after, done, where);
            requireEmptyNewBlocks(before, after, where);
        }
        if (!after.ledger().equals(before.ledger())) {
            requireOneHolderAtATime(before, after, where);
        }
    }

    static void requireDisjointBlocks(ObservedState observed, String where) {
        var blocks = new ArrayList<ObservedState.Block>();
        observed.plan().values().forEach(slot -> blocks.addAll(slot.blocks()));
        blocks.sort(Comparator.comparing(ObservedState.Block::cidr));
        Cidr last = null;
        for (ObservedState.Block block : blocks) {
            if (last != null && last.overlaps(block.cidr())) {
                throw new AssertionError(where + ": " + last + " overlaps " + block.cidr());
            }
            if (block.excluded().cardinality() >= block.cidr().size()) {
                throw new AssertionError(where + ": no address is left in " + block.cidr());
            }
            last = block.cidr();
        }
    }

    /// Requires that only an edit of the network moves a block, and never one with a held address. The blocks of a
    /// retired node are free.
    private static void requireStableIndexes(ObservedState before, ObservedState after, String done, String where) {
        boolean edit = done.startsWith("network ");
        before.plan().forEach((key, slot) -> {
            ObservedState.Slot now = after.plan().get(key);
            if (now == null && done.equals("retired " + key.uid())) {
                assertThat(after.holds(key.uid())).as(where).isFalse();
                return;
            }
            if (!edit) {
                assertThat(now).as(() -> where + ": " + key).isNotNull();
                assertThat(List.of(now.interfaceIndex(), now.hostIndex()))
                        .as(() -> where + ": indexes of " + key)
                        .isEqualTo(List.of(slot.interfaceIndex(), slot.hostIndex()));
            }
            if (now == null || !now.blocks().equals(slot.blocks())) {
                requireNothingHeldMoved(before, key, slot, now == null ? List.of() : now.blocks(), edit, where);
            }
        });
    }

    /// Requires that an index is assigned only while no pod holds an address in its block.
    private static void requireEmptyNewBlocks(ObservedState before, ObservedState after, String where) {
        after.plan().forEach((key, slot) -> {
            ObservedState.Slot known = before.plan().get(key);
            if (known == null || known.hostIndex() != slot.hostIndex()) {
                after.ledger().forEach((place, history) -> {
                    boolean held = place.network().equals(key.network())
                            && history.held().stream().anyMatch(each -> each.to() == null);
                    assertThat(held && in(slot.blocks(), place))
                            .as(() -> where + ": " + place + " is held in a block that was assigned to " + key)
                            .isFalse();
                });
            }
        });
    }

    private static void requireNothingHeldMoved(
            ObservedState before,
            ObservedState.SlotKey key,
            ObservedState.Slot slot,
            List<ObservedState.Block> now,
            boolean byAnybody,
            String where) {
        before.ledger().forEach((place, history) -> {
            boolean held = place.network().equals(key.network())
                    && history.held().stream()
                            .anyMatch(each -> each.to() == null
                                    && (byAnybody || each.by().uid().equals(key.uid())));
            if (held && in(slot.blocks(), place)) {
                assertThat(in(now, place))
                        .as(() -> where + ": " + place + " is held and must stay in a block of " + key)
                        .isTrue();
            }
        });
    }

    private static boolean in(List<ObservedState.Block> blocks, ObservedState.Key place) {
        return blocks.stream().anyMatch(block -> block.cidr().contains(place.address()));
    }

    static void requireOneHolderAtATime(ObservedState before, ObservedState after, String where) {
        after.ledger().forEach((place, history) -> {
            if (history.equals(before.ledger().get(place))) {
                return;
            }
            Instant end = Instant.MIN;
            for (ObservedState.Interval held : history.held()) {
                if (end == null || held.from().isBefore(end)) {
                    throw new AssertionError(where + ": two hold " + place + ": " + history.held());
                }
                end = held.to();
                if (end != null && !held.from().isBefore(end)) {
                    throw new AssertionError(where + ": held for no time: " + held);
                }
            }
            ObservedState.AddressHistory old = before.ledger().get(place);
            if (old != null && history.held().size() < old.held().size()) {
                throw new AssertionError(where + ": history of " + place + " was lost: " + old);
            }
        });
    }

    private record Stated(ObservedState.EventId by, ObservedState.Key place, String container) {
        static Stated of(ObservedState.EventId event, Allocation allocation) {
            return new Stated(
                    new ObservedState.EventId(event.uid(), event.store(), 0),
                    new ObservedState.Key(allocation.network(), allocation.address()),
                    allocation.containerId());
        }
    }

    /// Requires that the ledger contains every confirmed event, as the start or the end of an interval or as a
    /// conflict. An allocation that a session stated before its event is found by its container.
    static void requireEveryEvent(
            ObservedState observed,
            Collection<JournaledAgent> agents,
            Set<ObservedState.EventId> repeated,
            String where) {
        var events = new HashSet<ObservedState.EventId>(repeated);
        var stated = new HashSet<Stated>();
        long ended = 0;
        for (var entry : observed.ledger().entrySet()) {
            ObservedState.AddressHistory history = entry.getValue();
            history.held().forEach(held -> {
                events.add(held.by());
                stated.add(new Stated(held.by(), entry.getKey(), held.container()));
            });
            history.conflicts().forEach(conflict -> {
                events.add(conflict.by());
                stated.add(new Stated(conflict.by(), entry.getKey(), conflict.container()));
            });
            ended += history.held().stream().filter(held -> held.to() != null).count();
            ended += history.conflicts().stream()
                    .filter(conflict -> conflict.resolved() != null
                            && history.held().stream()
                                    .noneMatch(held -> held.by().equals(conflict.by())))
                    .count();
        }
        long freed = 0;
        for (JournaledAgent agent : agents) {
            for (var stored : agent.stored().entrySet()) {
                LedgerEvent event = stored.getValue();
                if (event.type() == LedgerEvent.Type.FREED) {
                    freed++;
                } else {
                    assertThat(events.contains(stored.getKey())
                                    || stated.contains(Stated.of(stored.getKey(), event.allocation())))
                            .as(() -> where + ": no interval or conflict of " + stored.getKey())
                            .isTrue();
                }
            }
        }
        // Releases by an administrator and retirements add further ends.
        assertThat(ended).as(() -> where + ": ended intervals").isGreaterThanOrEqualTo(freed);
    }
}
