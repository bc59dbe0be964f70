package io.multinic.agent.route.plan;

import io.multinic.agent.kernel.NextHop;
import io.multinic.agent.kernel.Route;
import io.multinic.agent.kernel.RouteType;
import io.multinic.contract.address.CidrArray;
import io.multinic.contract.address.IpAddress;
import io.multinic.contract.address.IpFamily;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.RandomAccess;

/// Routes of one table in arrays of primitives: about 25 bytes for each IPv4 route of a plan, instead of about 250. A
/// node of a large cluster has 40,000 in each table, as desired and again as observed.
///
/// Routes can be added at the end. Routes that no plan leads to (several next hops, another metric, …) are kept as
/// objects.
public final class RouteArray extends AbstractList<Route> implements RandomAccess {
    private static final byte OTHER = 0;
    private static final byte GATEWAY = 1;
    private static final byte LINK = 2;
    private static final byte THROW = 3;
    private static final int IPV6_PRIORITY = 1024;
    private static final int FIRST_CAPACITY = 8;
    private static final IpAddress NONE = IpAddress.ipv4(0);

    private final int table;
    private final CidrArray destinations = new CidrArray();
    private final CidrArray gateways = new CidrArray();
    private byte[] shapes = new byte[FIRST_CAPACITY];
    private int[] links = new int[FIRST_CAPACITY];
    private final Map<Integer, Route> others = new HashMap<>();

    RouteArray(int table) {
        this.table = table;
    }

    @Override
    public boolean add(Route route) {
        if (route.table() != table) {
            throw new IllegalArgumentException(route + " is not in table " + table);
        }
        byte shape = shape(route);
        NextHop hop = route.nextHops().isEmpty() ? null : route.nextHops().getFirst();
        IpAddress gateway = hop == null ? null : hop.gateway();
        int position = size();
        if (position == shapes.length) {
            shapes = Arrays.copyOf(shapes, position + (position >> 1));
            links = Arrays.copyOf(links, position + (position >> 1));
        }
        shapes[position] = shape;
        links[position] = hop == null ? 0 : hop.linkIndex();
        destinations.add(route.destination());
        gateways.add(shape == GATEWAY && gateway != null ? gateway : NONE);
        if (shape == OTHER) {
            others.put(position, route);
        }
        return true;
    }

    private static byte shape(Route route) {
        int priority = route.destination().family() == IpFamily.IPV6 ? IPV6_PRIORITY : 0;
        if (route.protocol() != TableNumbers.PLAN_PROTOCOL
                || route.priority() != priority
                || route.preferredSource() != null) {
            return OTHER;
        }
        List<NextHop> hops = route.nextHops();
        if (route.type() == RouteType.THROW && hops.isEmpty()) {
            return THROW;
        }
        if (route.type() != RouteType.UNICAST || hops.size() != 1) {
            return OTHER;
        }
        NextHop hop = hops.getFirst();
        if (hop.onLink() || hop.weight() != 1) {
            return OTHER;
        }
        return hop.gateway() == null ? LINK : GATEWAY;
    }

    @Override
    public Route get(int index) {
        var destination = destinations.get(index);
        return switch (shapes[index]) {
            case THROW ->
                Route.elsewhere(destination, TableNumbers.PLAN_PROTOCOL).inTable(table);
            case LINK ->
                Route.to(destination, TableNumbers.PLAN_PROTOCOL, NextHop.dev(links[index]))
                        .inTable(table);
            case GATEWAY ->
                Route.to(destination, TableNumbers.PLAN_PROTOCOL, NextHop.via(gateways.address(index), links[index]))
                        .inTable(table);
            default -> {
                Route other = others.get(index);
                if (other == null) {
                    throw new IllegalStateException("route " + index + " is missing");
                }
                yield other;
            }
        };
    }

    /// Compares two routes by the kernel's own key within a table: destination and priority.
    int compareKeys(int index, RouteArray other, int otherIndex) {
        int byDestination = destinations.compare(index, other.destinations, otherIndex);
        if (byDestination != 0 || (others.isEmpty() && other.others.isEmpty())) {
            return byDestination;
        }
        return Integer.compareUnsigned(
                get(index).priority(), other.get(otherIndex).priority());
    }

    /// The indexes in the order of keys; routes with one key keep their order.
    int[] sorted() {
        int[] order = new int[size()];
        boolean ascending = true;
        for (int i = 0; i < order.length; i++) {
            order[i] = i;
            ascending &= i == 0 || compareKeys(i - 1, this, i) <= 0;
        }
        if (ascending) {
            return order;
        }
        Integer[] boxed = new Integer[order.length];
        Arrays.setAll(boxed, i -> i);
        Arrays.sort(boxed, (a, b) -> compareKeys(a, this, b));
        for (int i = 0; i < order.length; i++) {
            order[i] = boxed[i];
        }
        return order;
    }

    @Override
    public int size() {
        return destinations.size();
    }

    int table() {
        return table;
    }

    void trim() {
        destinations.trim();
        gateways.trim();
        int capacity = Math.max(FIRST_CAPACITY, size());
        shapes = Arrays.copyOf(shapes, capacity);
        links = Arrays.copyOf(links, capacity);
    }
}
