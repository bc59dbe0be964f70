package io.multinic.agent.attach.reconcile;

import io.multinic.agent.attach.reconcile.AttachmentsState.Broken;

/// Port: reports about single attachments to the owners of their pods. Calls return at once.
public interface AttachmentReports {
    /// An attachment could not be restored.
    void broken(Broken attachment);

    /// An attachment deviated from its record and was restored.
    ///
    /// @param restored with the deviations that were removed as reason
    void restored(Broken restored);
}
