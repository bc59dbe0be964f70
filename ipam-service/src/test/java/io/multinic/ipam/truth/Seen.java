package io.multinic.ipam.truth;

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

/// Everything an ipam-service holds as true, in words that no implementation shares.
///
/// @param unplaced of the current nodes
/// @param told what the current nodes are told to hand addresses out of
record Seen(
        Map<SlotKey, Slot> plan,
        Map<Interface, Integer> interfaces,
        Set<Missing> unplaced,
        Set<Told> told,
        Set<Reservation> reservations,
        Map<Key, History> ledger) {
    /// Whether the ledger shows the node as holder of anything.
    boolean holds(String uid) {
        return ledger.values().stream()
                .flatMap(history -> history.holder().stream())
                .anyMatch(holder -> holder.by().uid().equals(uid));
    }

    /// Of things that can be met.
    void addKindsTo(Set<String> met) {
        unplaced.forEach(each -> met.add(each.route() ? "no route" : "no block"));
        told.forEach(each -> each.reserved()
                .values()
                .forEach(whose -> met.add("told of what is reserved " + (whose.isEmpty() ? "from all" : "for some"))));
        reservations.stream().filter(each -> each.held() > 0).forEach(each -> met.add("reserved and held"));
        ledger.values()
                .forEach(history -> history.disputes().forEach(dispute -> {
                    boolean won =
                            history.held().stream().anyMatch(held -> held.by().equals(dispute.by()));
                    met.add(dispute.kind()
                            + (won ? " and got it" : dispute.resolved() == null ? " still" : " in the end"));
                }));
    }

    /// One line for each thing that is held as true on one side only.
    String differenceTo(Seen expected) {
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
        all.addAll(told);
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

    /// @param present whether the node is the current one of its name and has the NIC
    record Slot(int interfaceIndex, int hostIndex, boolean present, List<Block> blocks) {
        Slot {
            blocks = blocks.stream().sorted(Comparator.comparing(Block::cidr)).toList();
        }
    }

    /// @param excluded by their distance from the block's first address
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

    /// @param route whether the NIC has a block and peers have no route to it; else it has no block
    record Missing(String network, String uid, String nic, boolean route) {}

    /// @param reserved for whom, by the distance from the block's first address; empty for nobody
    record Told(SlotKey slot, Block block, Map<Integer, String> reserved) {
        static Map<Integer, String> reserved(Cidr block, IpAddress first, IpAddress last, @Nullable String heldFor) {
            Map<Integer, String> reserved = new HashMap<>();
            int end = (int) last.minus(block.first());
            for (int distance = (int) first.minus(block.first()); distance <= end; distance++) {
                reserved.put(distance, heldFor == null ? "" : heldFor);
            }
            return reserved;
        }
    }

    /// @param held how many of its addresses pods hold
    record Reservation(
            String network,
            IpAddress first,
            IpAddress last,
            String reason,
            String owner,
            @Nullable String heldFor,
            long held) {}

    record Key(String network, IpAddress address) {}

    /// In an order of their own.
    record History(List<Held> held, List<Dispute> disputes) {
        History {
            held = held.stream().sorted(Comparator.comparing(Held::from)).toList();
            disputes = disputes.stream()
                    .sorted(Comparator.comparing(Dispute::at).thenComparing(Dispute::toString))
                    .toList();
        }

        Optional<Held> holder() {
            return held.stream().filter(each -> each.to() == null).findFirst();
        }
    }

    /// An event of a journal; sequence 0 is what a session stated.
    record Event(String uid, String store, long sequence) {}

    record Held(
            Event by,
            String container,
            Instant from,
            @Nullable Instant to) {}

    record Dispute(
            Event by,
            String kind,
            String container,
            Instant at,
            @Nullable Instant resolved) {}
}
