package io.multinic.contract.wire;

import io.multinic.contract.address.Cidr;
import io.multinic.contract.address.CidrArray;
import io.multinic.contract.address.IpAddress;
import java.util.AbstractCollection;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/// An immutable list of the peers of a network in arrays of primitives: about 28 bytes for each IPv4 block. A node of a
/// large cluster has 40,000 peers in each network and keeps them in a small heap.
///
/// Elements are created when they are read.
public final class PeerBlocks extends AbstractList<PeerBlock> implements RandomAccess {
    private final String[] nodes;
    private final int[] node;
    private final int[] interfaceIndex;
    private final CidrArray podBlocks;
    private final CidrArray vias;
    /// Index of the peer that each element of `excluded` belongs to, ascending.
    private final int[] excludedOf;
    private final CidrArray excluded;

    private PeerBlocks(Builder builder) {
        nodes = builder.names.keySet().toArray(new String[0]);
        builder.names.forEach((name, number) -> nodes[number] = name);
        node = Arrays.copyOf(builder.node, builder.size());
        interfaceIndex = Arrays.copyOf(builder.interfaceIndex, builder.size());
        podBlocks = builder.podBlocks;
        podBlocks.trim();
        vias = builder.vias;
        vias.trim();
        excludedOf = Arrays.copyOf(builder.excludedOf, builder.excluded.size());
        excluded = builder.excluded;
        excluded.trim();
    }

    /// The same peers in the same order.
    public static PeerBlocks copyOf(Collection<PeerBlock> peers) {
        if (peers instanceof PeerBlocks compact) {
            return compact;
        }
        if (peers instanceof Builder builder) {
            return builder.build();
        }
        var builder = new Builder();
        builder.addAll(peers);
        return builder.build();
    }

    /// Collects peers. A JSON library can fill it as a collection, so that it never holds a list of objects.
    public static final class Builder extends AbstractCollection<PeerBlock> {
        private static final int FIRST_CAPACITY = 8;

        private final Map<String, Integer> names = new HashMap<>();
        private int[] node = new int[FIRST_CAPACITY];
        private int[] interfaceIndex = new int[FIRST_CAPACITY];
        private CidrArray podBlocks = new CidrArray();
        private CidrArray vias = new CidrArray();
        private int[] excludedOf = new int[0];
        private CidrArray excluded = new CidrArray();

        @Override
        public boolean add(PeerBlock peer) {
            add(peer.node(), peer.interfaceIndex(), peer.podBlock(), peer.via());
            peer.excluded().forEach(this::exclude);
            return true;
        }

        private void add(String name, int index, Cidr podBlock, IpAddress via) {
            int position = podBlocks.size();
            if (position == node.length) {
                node = Arrays.copyOf(node, position + (position >> 1));
                interfaceIndex = Arrays.copyOf(interfaceIndex, position + (position >> 1));
            }
            node[position] = names.computeIfAbsent(name, _ -> names.size());
            interfaceIndex[position] = index;
            podBlocks.add(podBlock);
            vias.add(via);
        }

        /// Adds an exclusion to the last peer.
        private void exclude(Cidr part) {
            int position = excluded.size();
            if (position == excludedOf.length) {
                excludedOf = Arrays.copyOf(excludedOf, Math.max(FIRST_CAPACITY, position + (position >> 1)));
            }
            excludedOf[position] = podBlocks.size() - 1;
            excluded.add(part);
        }

        private void addFrom(PeerBlocks other, int index) {
            add(
                    other.nodes[other.node[index]],
                    other.interfaceIndex[index],
                    other.podBlocks.get(index),
                    other.vias.address(index));
            other.excluded(index).forEach(this::exclude);
        }

        /// The peers that were added; the builder is empty afterwards.
        public PeerBlocks build() {
            var built = new PeerBlocks(this);
            podBlocks = new CidrArray();
            vias = new CidrArray();
            excluded = new CidrArray();
            return built;
        }

        @Override
        public int size() {
            return podBlocks.size();
        }

        @Override
        public Iterator<PeerBlock> iterator() {
            throw new UnsupportedOperationException("peers are read from the built list");
        }
    }

    @Override
    public PeerBlock get(int index) {
        return new PeerBlock(
                nodes[node[index]], interfaceIndex[index], podBlocks.get(index), vias.address(index), excluded(index));
    }

    private List<Cidr> excluded(int index) {
        if (excludedOf.length == 0) {
            return List.of();
        }
        int from = Arrays.binarySearch(excludedOf, index);
        if (from < 0) {
            return List.of();
        }
        int to = from;
        while (from > 0 && excludedOf[from - 1] == index) {
            from--;
        }
        while (to < excludedOf.length && excludedOf[to] == index) {
            to++;
        }
        return List.copyOf(excluded.subList(from, to));
    }

    @Override
    public int size() {
        return node.length;
    }

    /// These peers with the changes applied, in the order of blocks. The cost in memory is that of the result.
    PeerBlocks with(List<PeerChange> changes) {
        PeerBlocks base = inOrder();
        var sorted = new ArrayList<>(changes);
        sorted.sort((a, b) -> a.podBlock().compareTo(b.podBlock()));
        var builder = new Builder();
        int next = 0;
        for (PeerChange change : sorted) {
            while (next < base.size() && base.podBlocks.get(next).compareTo(change.podBlock()) < 0) {
                builder.addFrom(base, next++);
            }
            while (next < base.size() && base.podBlocks.get(next).equals(change.podBlock())) {
                next++;
            }
            IpAddress via = change.via();
            if (via != null) {
                builder.add(change.node(), change.interfaceIndex(), change.podBlock(), via);
                change.excluded().forEach(builder::exclude);
            }
        }
        while (next < base.size()) {
            builder.addFrom(base, next++);
        }
        return builder.build();
    }

    /// These peers sorted by block; ipam-service sends them so.
    private PeerBlocks inOrder() {
        for (int i = 1; i < size(); i++) {
            if (podBlocks.compare(i - 1, podBlocks, i) > 0) {
                var sorted = new ArrayList<>(this);
                sorted.sort((a, b) -> a.podBlock().compareTo(b.podBlock()));
                return copyOf(sorted);
            }
        }
        return this;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof PeerBlocks peers)) {
            return super.equals(other);
        }
        if (size() != peers.size()
                || !Arrays.equals(interfaceIndex, peers.interfaceIndex)
                || !podBlocks.equals(peers.podBlocks)
                || !vias.equals(peers.vias)
                || !Arrays.equals(excludedOf, peers.excludedOf)
                || !excluded.equals(peers.excluded)) {
            return false;
        }
        for (int i = 0; i < size(); i++) {
            if (!nodes[node[i]].equals(peers.nodes[peers.node[i]])) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int hashCode() {
        return super.hashCode();
    }
}
