package io.multinic.agent.attach;

import io.multinic.agent.attach.driver.AttachmentRepair;

/// Result of comparing and repairing one attachment.
public sealed interface RepairResult {
    /// The attachment is being attached, detached or checked now.
    record Busy() implements RepairResult {}

    /// There is no complete attachment of this key, or its sandbox has ended.
    record Absent() implements RepairResult {}

    /// The attachment was compared with its record.
    ///
    /// @param namespaceId number of the pod's namespace in that of the node
    record Compared(int namespaceId, AttachmentRepair.Report report) implements RepairResult {}
}
