package io.multinic.controller.attachment;

/// NetworkAttachmentDefinition with the network's name in one namespace, as it was observed.
///
/// @param uid with `resourceVersion`, identifies the observed state; changes apply to that state or fail
/// @param ours true if it has our label or the network's controller reference
/// @param complete true if label, reference and configuration are as they should be
public record ExistingAttachment(
        String namespace, String uid, String resourceVersion, boolean ours, boolean complete) {}
