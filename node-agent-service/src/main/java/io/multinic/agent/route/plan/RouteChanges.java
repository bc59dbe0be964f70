package io.multinic.agent.route.plan;

import io.multinic.agent.kernel.Change;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/// Changes of the routes of one table, as indexes into the desired and the observed routes; each change is created when
/// it is read. A new network has 40,000 of them.
final class RouteChanges extends AbstractList<Change> {
    private static final int KIND_SHIFT = 30;
    private static final int INDEX = (1 << KIND_SHIFT) - 1;
    private static final int ADD = 0;
    private static final int REPLACE = 1;
    private static final int DELETE = 2;
    private static final int FIRST_CAPACITY = 8;

    private final RouteArray wanted;
    private final RouteArray observed;
    private int[] codes = new int[0];
    private int size;

    RouteChanges(RouteArray wanted, RouteArray observed) {
        this.wanted = wanted;
        this.observed = observed;
    }

    /// Deletes of all routes.
    static RouteChanges deleteAll(RouteArray observed) {
        var changes = new RouteChanges(observed, observed);
        for (int i = 0; i < observed.size(); i++) {
            changes.delete(i);
        }
        return changes;
    }

    void add(int index) {
        append(ADD, index);
    }

    void replace(int index) {
        append(REPLACE, index);
    }

    void delete(int index) {
        append(DELETE, index);
    }

    private void append(int kind, int index) {
        if (size == codes.length) {
            codes = Arrays.copyOf(codes, Math.max(FIRST_CAPACITY, size + (size >> 1)));
        }
        codes[size++] = kind << KIND_SHIFT | index;
    }

    @Override
    public Change get(int position) {
        Objects.checkIndex(position, size);
        int index = codes[position] & INDEX;
        return switch (codes[position] >>> KIND_SHIFT) {
            case ADD -> new Change.AddRoute(wanted.get(index));
            case REPLACE -> new Change.ReplaceRoute(wanted.get(index));
            default -> new Change.DeleteRoute(observed.get(index));
        };
    }

    @Override
    public int size() {
        return size;
    }

    /// The lists one after the other, without copying them.
    static List<Change> concat(List<List<? extends Change>> parts) {
        return new Concatenation(parts.stream().filter(part -> !part.isEmpty()).toList());
    }

    private static final class Concatenation extends AbstractList<Change> {
        private final List<List<? extends Change>> parts;
        private final int size;

        Concatenation(List<List<? extends Change>> parts) {
            this.parts = parts;
            this.size = parts.stream().mapToInt(List::size).sum();
        }

        @Override
        public Change get(int position) {
            Objects.checkIndex(position, size);
            int left = position;
            int part = 0;
            while (left >= parts.get(part).size()) {
                left -= parts.get(part++).size();
            }
            return parts.get(part).get(left);
        }

        @Override
        public int size() {
            return size;
        }
    }
}
