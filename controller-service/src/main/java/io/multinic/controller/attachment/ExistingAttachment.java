package io.multinic.controller.attachment;

/// A NetworkAttachmentDefinition with the network's name, in one namespace.
///
/// `ours` is proven by our label or by the network's controller reference; `complete` says that label, reference and
/// configuration are as they should be.
public record ExistingAttachment(String namespace, boolean ours, boolean complete) {}
