package io.multinic.ipam.model;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.IpAddress;
import java.time.Instant;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The complete state of an ipam-service in types that no implementation uses.
///
/// @param unplaced of the current nodes
/// @param delivered the blocks in the plans of the current nodes
record ObservedState(
        Map<SlotKey, Slot> plan,
        Map<Interface, Integer> interfaces,
        Set<UnplacedNic> unplaced,
        Set<DeliveredBlock> delivered,
        Set<Reservation> reservations,
        Map<Key, AddressHistory> ledger) {
    /// True if the ledger shows the node as a holder.
    boolean holds(String uid) {
        return ledger.values().stream()
                .flatMap(history -> history.holder().stream())
                .anyMatch(holder -> holder.by().uid().equals(uid));
    }

    /// Adds the kinds of outcomes that this state shows.
    void addOutcomesTo(Set<String> covered) {
        unplaced.forEach(each -> covered.add(each.route() ? "no route" : "no block"));
        delivered.forEach(each -> each.reserved()
                .values()
                .forEach(whose ->
                        covered.add("delivered reservation " + (whose.isEmpty() ? "for no pod" : "for some pods"))));
        reservations.stream().filter(each -> each.held() > 0).forEach(each -> covered.add("reserved and held"));
        ledger.values()
                .forEach(history -> history.conflicts().forEach(conflict -> {
                    boolean won =
                            history.held().stream().anyMatch(held -> held.by().equals(conflict.by()));
                    covered.add(conflict.kind()
                            + (won ? " became holder" : conflict.resolved() == null ? " open" : " resolved"));
                }));
    }

    /// One line for each entry that only one of the two states has.
    String differenceTo(ObservedState expected) {
        var lines = new StringBuilder();
        difference(lines, "is, but should not be: ", all(), expected.all());
        difference(lines, "should be, but is not: ", expected.all(), all());
        return lines.toString();
    }

    private Set<Object> all() {
        var all = new LinkedHashSet<Object>();
        all.addAll(plan.entrySet());
        all.addAll(interfaces.entrySet());
        all.addAll(unplaced);
        all.addAll(delivered);
        all.addAll(reservations);
        all.addAll(ledger.entrySet());
        return all;
    }

    private static void difference(StringBuilder lines, String what, Set<Object> some, Set<Object> others) {
        some.stream()
                .filter(each -> !others.contains(each))
                .forEach(each -> lines.append("\n  ").append(what).append(each));
    }

    record Interface(String network, Cidr masterNet) {}

    record SlotKey(String network, String uid, String nic, Cidr masterNet) {}

    /// @param present true if the node is the current one of its name and has the NIC
    record Slot(int interfaceIndex, int hostIndex, boolean present, List<Block> blocks) {
        Slot {
            blocks = blocks.stream().sorted(Comparator.comparing(Block::cidr)).toList();
        }
    }

    /// @param excluded addresses, by their distance from the block's first one
    record Block(Cidr cidr, BitSet excluded) {
        static Block of(Cidr cidr, List<Cidr> excluded) {
            var bits = new BitSet();
            for (Cidr each : excluded) {
                int from = (int) each.network().minus(cidr.network());
                bits.set(from, from + (int) each.size());
            }
            return new Block(cidr, bits);
        }
    }

    /// @param route true if the NIC has a block that peers have no route to; false if it has no block
    record UnplacedNic(String network, String uid, String nic, boolean route) {}

    /// @param reserved the holder of each reserved address, by its distance from the block's first one; empty for none
    record DeliveredBlock(SlotKey slot, Block block, Map<Integer, String> reserved) {
        static Map<Integer, String> reserved(Cidr block, IpAddress first, IpAddress last, @Nullable String heldFor) {
            Map<Integer, String> reserved = new HashMap<>();
            int end = (int) last.minus(block.first());
            for (int distance = (int) first.minus(block.first()); distance <= end; distance++) {
                reserved.put(distance, heldFor == null ? "" : heldFor);
            }
            return reserved;
        }
    }

    /// @param held the number of its addresses that pods hold
    record Reservation(
            String network,
            IpAddress first,
            IpAddress last,
            String reason,
            String owner,
            @Nullable String heldFor,
            long held) {}

    record Key(String network, IpAddress address) {}

    /// Sorted, so that two histories compare equal whatever order they were read in.
    record AddressHistory(List<Interval> held, List<Conflict> conflicts) {
        AddressHistory {
            held = held.stream().sorted(Comparator.comparing(Interval::from)).toList();
            conflicts = conflicts.stream()
                    .sorted(Comparator.comparing(Conflict::at).thenComparing(Conflict::toString))
                    .toList();
        }

        Optional<Interval> holder() {
            return held.stream().filter(each -> each.to() == null).findFirst();
        }
    }

    /// Identifies an event of a journal; sequence 0 is an allocation that a session stated.
    record EventId(String uid, String store, long sequence) {}

    record Interval(
            EventId by,
            String container,
            Instant from,
            @Nullable Instant to) {}

    record Conflict(
            EventId by,
            String kind,
            String container,
            Instant at,
            @Nullable Instant resolved) {}
}
