package io.multinic.lab.pod;

import io.multinic.lab.layout.LabNode;
import io.multinic.lab.pod.CniRuntime.Attachment;
import java.util.List;

/// A pod on a node, with its attachments.
public record LabPod(
        String namespace, String name, String uid, LabNode node, PodSandbox sandbox, List<Attached> attached) {
    public LabPod {
        attached = List.copyOf(attached);
    }

    /// An attachment and the answer of its ADD.
    public record Attached(Attachment attachment, CniAnswer result) {}

    /// The interfaces of all networks.
    public List<CniAnswer.Interface> interfaces() {
        return attached.stream()
                .flatMap(one -> one.result().interfaces().stream())
                .toList();
    }

    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
