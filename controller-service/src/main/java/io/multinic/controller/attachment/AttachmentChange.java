package io.multinic.controller.attachment;

/// Change of a network's NetworkAttachmentDefinition in one namespace.
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
