package io.multinic.agent.gpu;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Reads the checkpoint of the kubelet's device manager, which has all assignments of device plugins; pure.
///
/// The ids of a resource are a list in old kubelets, and lists by NUMA node since 1.20. A NUMA node of -1 stands for
/// devices without one.
public final class DeviceCheckpoint {
    private DeviceCheckpoint() {}

    /// @throws IllegalArgumentException if it is no checkpoint
    public static List<DeviceAssignment> parse(byte[] checkpoint, JsonMapper json) {
        JsonNode entries;
        try {
            entries = json.readTree(checkpoint).path("Data").path("PodDeviceEntries");
        } catch (JacksonException e) {
            throw new IllegalArgumentException("the kubelet's checkpoint of devices is not JSON", e);
        }
        List<DeviceAssignment> assignments = new ArrayList<>();
        for (JsonNode entry : entries) {
            assignments.add(new DeviceAssignment(
                    entry.path("PodUID").asString(""),
                    entry.path("ResourceName").asString(""),
                    ids(entry.path("DeviceIDs"))));
        }
        return assignments;
    }

    private static List<String> ids(JsonNode value) {
        List<String> ids = new ArrayList<>();
        for (JsonNode item : value) {
            if (item.isString()) {
                ids.add(item.stringValue());
            } else {
                item.forEach(id -> ids.add(id.asString("")));
            }
        }
        return ids;
    }
}
