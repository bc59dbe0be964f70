package io.multinic.agent.attach;

import io.multinic.agent.attach.plan.DriverConfig;

/// The CNI plugin that is executed for a network: the unit by which calls and other work are bounded, so that a plugin
/// that hangs takes the capacity of its own network only.
///
/// @param network name of the MultiNicNetwork
/// @param type name of the plugin's program
public record NetworkPlugin(String network, String type) {
    public static NetworkPlugin of(String network, DriverConfig.Executed config) {
        return new NetworkPlugin(network, config.type());
    }
}
