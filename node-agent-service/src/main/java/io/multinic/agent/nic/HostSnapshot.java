package io.multinic.agent.nic;

import io.multinic.agent.kernel.InterfaceAddress;
import io.multinic.agent.kernel.Link;
import io.multinic.agent.kernel.Route;
import java.util.List;
import java.util.Map;

/// Links, addresses, default routes and devices of the node at one moment, in the kernel's order.
///
/// @param defaultRoutes of the main table, both families
/// @param devices by name of link; links without an entry have unknown hardware
public record HostSnapshot(
        List<Link> links,
        List<InterfaceAddress> addresses,
        List<Route> defaultRoutes,
        Map<String, DeviceFacts> devices) {
    public HostSnapshot {
        links = List.copyOf(links);
        addresses = List.copyOf(addresses);
        defaultRoutes = List.copyOf(defaultRoutes);
        devices = Map.copyOf(devices);
    }
}
