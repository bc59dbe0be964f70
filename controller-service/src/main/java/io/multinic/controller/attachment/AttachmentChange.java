package io.multinic.controller.attachment;

/// One thing to do about a network's NetworkAttachmentDefinition in a namespace.
public sealed interface AttachmentChange {
    String namespace();

    record Create(String namespace) implements AttachmentChange {}

    record Restore(ExistingAttachment found) implements AttachmentChange {
        @Override
        public String namespace() {
            return found.namespace();
        }
    }

    record Remove(ExistingAttachment found) implements AttachmentChange {
        @Override
        public String namespace() {
            return found.namespace();
        }
    }
}
