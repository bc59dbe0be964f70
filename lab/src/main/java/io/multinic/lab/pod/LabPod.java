package io.multinic.lab.pod;

import io.multinic.lab.layout.LabNode;
import io.multinic.lab.pod.CniRuntime.Attachment;
import java.util.List;

/// A pod that runs on a node, with what was attached to it.
public record LabPod(
        String namespace, String name, String uid, LabNode node, Sandbox sandbox, List<Attached> attached) {
    public LabPod {
        attached = List.copyOf(attached);
    }

    /// An attachment and the answer that ADD gave for it.
    public record Attached(Attachment attachment, CniAnswer result) {}

    /// All its interfaces from all its networks.
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
