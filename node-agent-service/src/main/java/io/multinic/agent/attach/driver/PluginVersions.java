package io.multinic.agent.attach.driver;

import io.multinic.agent.attach.plan.DriverConfig;
import java.util.Arrays;
import java.util.Map;

/// Versions of the CNI specification from which on a plugin can be expected to know a verb.
final class PluginVersions {
    private static final Map<String, String> SINCE = Map.of("CHECK", "0.4.0", "STATUS", "1.1.0", "GC", "1.1.0");

    private PluginVersions() {}

    /// True if the configuration's `cniVersion` has the verb. A configuration without version is of 0.1.0.
    static boolean knows(DriverConfig.Executed plugin, String verb) {
        int[] version = parts(plugin.config().path("cniVersion").asString("0.1.0"));
        return Arrays.compare(version, parts(SINCE.getOrDefault(verb, "0"))) >= 0;
    }

    private static int[] parts(String version) {
        return version.matches("\\d{1,4}(\\.\\d{1,4}){0,2}")
                ? Arrays.stream(version.split("\\."))
                        .mapToInt(Integer::parseInt)
                        .toArray()
                : new int[0];
    }
}
