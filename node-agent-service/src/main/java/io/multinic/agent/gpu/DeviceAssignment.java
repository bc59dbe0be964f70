package io.multinic.agent.gpu;

import java.util.List;

/// Devices of one resource that the kubelet has assigned to a pod.
///
/// @param podUid UID of the pod
/// @param resource such as `nvidia.com/gpu`
/// @param ids the device plugin's own ids, in their order
public record DeviceAssignment(String podUid, String resource, List<String> ids) {
    public DeviceAssignment {
        ids = List.copyOf(ids);
    }
}
