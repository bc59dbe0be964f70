package io.multinic.controller.attachment;

/// One thing to do about a network's NetworkAttachmentDefinition in a namespace.
public sealed interface AttachmentChange {
    String namespace();

    record Create(String namespace) implements AttachmentChange {}

    record Restore(String namespace) implements AttachmentChange {}

    record Remove(String namespace) implements AttachmentChange {}
}
