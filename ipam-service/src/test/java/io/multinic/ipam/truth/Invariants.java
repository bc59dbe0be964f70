package io.multinic.ipam.truth;

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

/// What must hold after every step, whatever the model says.
final class Invariants {
    private Invariants() {}

    static void require(Seen before, Seen after, String done, String where) {
        requireDisjointBlocks(after, where);
        if (!after.plan().equals(before.plan())) {
            requireStableIndexes(before, after, done, where);
            requireEmptyNewBlocks(before, after, where);
        }
        if (!after.ledger().equals(before.ledger())) {
            requireOneHolderAtATime(before, after, where);
        }
    }

    static void requireDisjointBlocks(Seen seen, String where) {
        var blocks = new ArrayList<Seen.Block>();
        seen.plan().values().forEach(slot -> blocks.addAll(slot.blocks()));
        blocks.sort(Comparator.comparing(Seen.Block::cidr));
        Cidr last = null;
        for (Seen.Block block : blocks) {
            if (last != null && last.overlaps(block.cidr())) {
                throw new AssertionError(where + ": " + last + " overlaps " + block.cidr());
            }
            if (block.excluded().cardinality() >= block.cidr().size()) {
                throw new AssertionError(where + ": no address is left in " + block.cidr());
            }
            last = block.cidr();
        }
    }

    /// Only an edit of the network may move a block, and never one in which an address is held; but what a
    /// retired node had is free.
    private static void requireStableIndexes(Seen before, Seen after, String done, String where) {
        boolean edit = done.startsWith("network ");
        before.plan().forEach((key, slot) -> {
            Seen.Slot now = after.plan().get(key);
            if (now == null && done.equals("retired " + key.uid())) {
                assertThat(after.holds(key.uid())).as(where).isFalse();
                return;
            }
            if (!edit) {
                assertThat(now).as(where + ": " + key).isNotNull();
                assertThat(List.of(now.interfaceIndex(), now.hostIndex()))
                        .as(where + ": indexes of " + key)
                        .isEqualTo(List.of(slot.interfaceIndex(), slot.hostIndex()));
            }
            if (now == null || !now.blocks().equals(slot.blocks())) {
                requireNothingHeldMoved(before, key, slot, now == null ? List.of() : now.blocks(), edit, where);
            }
        });
    }

    /// An index is given out only while no pod holds an address in its block.
    private static void requireEmptyNewBlocks(Seen before, Seen after, String where) {
        after.plan().forEach((key, slot) -> {
            Seen.Slot known = before.plan().get(key);
            if (known == null || known.hostIndex() != slot.hostIndex()) {
                after.ledger().forEach((place, history) -> {
                    boolean held = place.network().equals(key.network())
                            && history.held().stream().anyMatch(each -> each.to() == null);
                    assertThat(held && in(slot.blocks(), place))
                            .as(where + ": " + place + " is held in a block that was given to " + key)
                            .isFalse();
                });
            }
        });
    }

    private static void requireNothingHeldMoved(
            Seen before, Seen.SlotKey key, Seen.Slot slot, List<Seen.Block> now, boolean byAnybody, String where) {
        before.ledger().forEach((place, history) -> {
            boolean held = place.network().equals(key.network())
                    && history.held().stream()
                            .anyMatch(each -> each.to() == null
                                    && (byAnybody || each.by().uid().equals(key.uid())));
            if (held && in(slot.blocks(), place)) {
                assertThat(in(now, place))
                        .as(where + ": " + place + " is held and must stay in a block of " + key)
                        .isTrue();
            }
        });
    }

    private static boolean in(List<Seen.Block> blocks, Seen.Key place) {
        return blocks.stream().anyMatch(block -> block.cidr().contains(place.address()));
    }

    static void requireOneHolderAtATime(Seen before, Seen after, String where) {
        after.ledger().forEach((place, history) -> {
            if (history.equals(before.ledger().get(place))) {
                return;
            }
            Instant end = Instant.MIN;
            for (Seen.Held held : history.held()) {
                if (end == null || held.from().isBefore(end)) {
                    throw new AssertionError(where + ": two hold " + place + ": " + history.held());
                }
                end = held.to();
                if (end != null && !held.from().isBefore(end)) {
                    throw new AssertionError(where + ": held for no time: " + held);
                }
            }
            Seen.History old = before.ledger().get(place);
            if (old != null && history.held().size() < old.held().size()) {
                throw new AssertionError(where + ": history of " + place + " was lost: " + old);
            }
        });
    }

    private record Stated(Seen.Event by, Seen.Key place, String container) {
        static Stated of(Seen.Event event, Allocation allocation) {
            return new Stated(
                    new Seen.Event(event.uid(), event.store(), 0),
                    new Seen.Key(allocation.network(), allocation.address()),
                    allocation.containerId());
        }
    }

    /// What the ledger confirmed is there: as a beginning, an end or a dispute. What a session stated first
    /// is no news when the event comes.
    static void requireEveryEvent(Seen seen, Collection<Agent> agents, Set<Seen.Event> repeated, String where) {
        var events = new HashSet<Seen.Event>(repeated);
        var stated = new HashSet<Stated>();
        long ended = 0;
        for (var entry : seen.ledger().entrySet()) {
            Seen.History history = entry.getValue();
            history.held().forEach(held -> {
                events.add(held.by());
                stated.add(new Stated(held.by(), entry.getKey(), held.container()));
            });
            history.disputes().forEach(dispute -> {
                events.add(dispute.by());
                stated.add(new Stated(dispute.by(), entry.getKey(), dispute.container()));
            });
            ended += history.held().stream().filter(held -> held.to() != null).count();
            ended += history.disputes().stream()
                    .filter(dispute -> dispute.resolved() != null
                            && history.held().stream()
                                    .noneMatch(held -> held.by().equals(dispute.by())))
                    .count();
        }
        long freed = 0;
        for (Agent agent : agents) {
            for (var stored : agent.stored().entrySet()) {
                LedgerEvent event = stored.getValue();
                if (event.type() == LedgerEvent.Type.FREED) {
                    freed++;
                } else {
                    assertThat(events.contains(stored.getKey())
                                    || stated.contains(Stated.of(stored.getKey(), event.allocation())))
                            .as(where + ": what became of " + stored.getKey())
                            .isTrue();
                }
            }
        }
        // What an administrator ended, and what ended with its node, comes on top.
        assertThat(ended).as(where + ": ends told of").isGreaterThanOrEqualTo(freed);
    }
}
