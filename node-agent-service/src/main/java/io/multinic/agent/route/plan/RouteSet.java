package io.multinic.agent.route.plan;

import io.multinic.agent.kernel.Route;
import java.util.AbstractSet;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/// An unmodifiable set of routes of one table over a [RouteArray], in the order in which they were added.
public final class RouteSet extends AbstractSet<Route> {
    private final RouteArray routes;
    private final int[] order;

    /// @param routes not to be changed afterwards, without duplicates
    RouteSet(RouteArray routes) {
        routes.trim();
        this.routes = routes;
        this.order = routes.sorted();
    }

    static RouteSet copyOf(int table, Collection<Route> routes) {
        if (routes instanceof RouteSet set) {
            return set;
        }
        var array = new RouteArray(table);
        array.addAll(routes);
        return new RouteSet(array);
    }

    RouteArray array() {
        return routes;
    }

    /// The indexes in the order of keys.
    int[] order() {
        return order;
    }

    /// The position in `order` of the first route with the key of a route of another array; `order.length` or the
    /// position of a greater key if there is none.
    int find(RouteArray other, int index) {
        int low = 0;
        int high = order.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (routes.compareKeys(order[middle], other, index) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    @Override
    public boolean contains(@Nullable Object object) {
        if (!(object instanceof Route route) || route.table() != routes.table()) {
            return false;
        }
        var wanted = new RouteArray(routes.table());
        wanted.add(route);
        return contains(wanted, 0);
    }

    boolean contains(RouteArray other, int index) {
        for (int at = find(other, index); at < order.length && routes.compareKeys(order[at], other, index) == 0; at++) {
            if (routes.get(order[at]).equals(other.get(index))) {
                return true;
            }
        }
        return false;
    }

    @Override
    public Iterator<Route> iterator() {
        return Collections.unmodifiableList(routes).iterator();
    }

    @Override
    public int size() {
        return routes.size();
    }
}
