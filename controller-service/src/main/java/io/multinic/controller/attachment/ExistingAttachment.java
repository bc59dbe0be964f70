package io.multinic.controller.attachment;

/// A NetworkAttachmentDefinition with the network's name, in one namespace.
///
/// `ours` is proven by our label or by the network's controller reference; `complete` says that label, reference and
/// configuration are as they should be. `uid` and `resourceVersion` say which object this was seen of, and in which
/// state: what follows from it is done to that one or not at all.
public record ExistingAttachment(
        String namespace, String uid, String resourceVersion, boolean ours, boolean complete) {}
