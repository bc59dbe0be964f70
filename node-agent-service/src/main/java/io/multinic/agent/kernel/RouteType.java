package io.multinic.agent.kernel;

/// Type of a route, with its RTN_* number: the treatment of matching packets.
public enum RouteType {
    UNICAST(1),
    LOCAL(2),
    BROADCAST(3),
    ANYCAST(4),
    MULTICAST(5),
    BLACKHOLE(6),
    UNREACHABLE(7),
    PROHIBIT(8),
    THROW(9);

    private final int number;

    RouteType(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }
}
