package io.multinic.agent.kernel;

import io.multinic.contract.address.IpAddress;
import org.jspecify.annotations.Nullable;

/// A next hop of a route.
///
/// @param gateway null if the destination is on the link itself
/// @param onLink true if the gateway is a neighbour even without a route to it
/// @param weight 1 to 256; the share of a multipath route
public record NextHop(int linkIndex, @Nullable IpAddress gateway, boolean onLink, int weight) {
    public NextHop {
        if (weight < 1 || weight > 256) {
            throw new IllegalArgumentException("weight " + weight + " is not within 1..256");
        }
    }

    public static NextHop dev(int linkIndex) {
        return new NextHop(linkIndex, null, false, 1);
    }

    public static NextHop via(IpAddress gateway, int linkIndex) {
        return new NextHop(linkIndex, gateway, false, 1);
    }

    public NextHop onLinkGateway() {
        return new NextHop(linkIndex, gateway, true, weight);
    }

    public NextHop withWeight(int share) {
        return new NextHop(linkIndex, gateway, onLink, share);
    }

    @Override
    public String toString() {
        return (gateway == null ? "" : "via " + gateway + " ") + "dev " + linkIndex + (onLink ? " onlink" : "")
                + (weight == 1 ? "" : " weight " + weight);
    }
}
