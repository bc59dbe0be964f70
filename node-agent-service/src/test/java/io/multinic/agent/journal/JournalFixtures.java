package io.multinic.agent.journal;

import io.multinic.agent.address.AddressFixtures;
import io.multinic.agent.address.AddressRequest;
import io.multinic.contract.wire.NicBlock;
import io.multinic.contract.wire.PodRef;
import java.time.Instant;
import java.util.List;

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

    /// An intent of the pod `pod` in a new sandbox.
    static Intent intent(String containerId, String pod, String boot) {
        return new Intent(
                new AttachmentKey(containerId, "net1"),
                "net",
                new Sandbox("/run/netns/" + containerId, boot + "/4/" + containerId),
                new PodRef("default", pod, "uid-" + pod),
                "fingerprint",
                "detail");
    }

    /// A request of the intent's pod.
    static AddressRequest requestOf(Intent intent, Instant now, List<NicBlock> blocks, String... wanted) {
        var request = AddressFixtures.request(now, blocks, wanted);
        return new AddressRequest(
                request.network(), intent.pod(), request.interfaces(), request.wanted(), now, request.restingTime());
    }
}
