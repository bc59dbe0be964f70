package io.multinic.agent.select;

import java.util.Map;
import java.util.TreeMap;

/// The DeviceClasses of the cluster.
///
/// @param known false as long as they have not been read
public record DeviceClasses(boolean known, Map<String, DeviceIds> byName) {
    public static final DeviceClasses UNKNOWN = new DeviceClasses(false, Map.of());

    public DeviceClasses {
        byName = Map.copyOf(byName);
    }

    public static DeviceClasses of(Map<String, DeviceIds> byName) {
        return new DeviceClasses(true, byName);
    }

    /// The names for a message, sorted.
    String names() {
        return byName.isEmpty() ? "none" : String.join(", ", new TreeMap<>(byName).keySet());
    }
}
