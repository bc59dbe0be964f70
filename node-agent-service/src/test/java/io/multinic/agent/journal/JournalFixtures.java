package io.multinic.agent.journal;

import io.multinic.contract.wire.PodRef;

/// Intents for tests of the journal.
final class JournalFixtures {
    private JournalFixtures() {}

    static Intent intent(String containerId) {
        return new Intent(
                new AttachmentKey(containerId, "net1"),
                "net",
                new Sandbox("/run/netns/" + containerId, "boot/4/" + containerId),
                new PodRef("default", "pod-" + containerId, "uid-" + containerId),
                "fingerprint",
                "detail");
    }
}
