package io.multinic.agent.address;

import io.multinic.contract.wire.PodRef;

/// What is about to be attached: on disk before the kernel is touched.
///
/// @param fingerprint tells whether another request for the same key asks for the same
/// @param detail what is needed to undo the attachment without asking anybody; the store does not look into it
public record Intent(
        AttachmentKey key, String network, Sandbox sandbox, PodRef pod, String fingerprint, String detail) {}
