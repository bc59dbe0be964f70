package io.multinic.lab.pod;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.multinic.lab.fixture.KernelState;
import io.multinic.lab.fixture.PodLedger;
import io.multinic.lab.fixture.SharedLab;
import io.multinic.lab.layout.LabNode;
import io.multinic.lab.pod.CniRuntime.Attachment;
import io.multinic.lab.process.Command;
import io.multinic.lab.services.Lab;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// CNI calls that a runtime repeats, sends late, or sends without the namespace.
class RepeatedCniCallsIT {
    private static final AtomicInteger POD_NUMBER = new AtomicInteger();

    private final Lab lab = SharedLab.get();
    private final LabNode node = lab.layout().nodes().getLast();
    private final CniRuntime runtime = lab.runtime(node);
    private final PodLedger ledger = new PodLedger(lab.ipamApi());
    private final KernelState before = KernelState.of(node);

    @SuppressWarnings("NullAway.Init")
    private LabPod pod;

    @SuppressWarnings("NullAway.Init")
    private Attachment attachment;

    @BeforeEach
    void sandbox() {
        pod = lab.pods().sandbox(node, "default", "repeated" + POD_NUMBER.incrementAndGet(), SharedLab.SAMPLE);
        attachment = lab.pods().attachments(pod, SharedLab.SAMPLE).getFirst();
    }

    @AfterEach
    void requireNothingLeft() {
        runtime.delete(attachment).orThrow();
        pod.sandbox().delete();
        lab.kubernetes().pods().inNamespace("default").withName(pod.name()).delete();
        assertThat(KernelState.of(node)).isEqualTo(before);
        ledger.awaitAllClosed();
    }

    @Test
    void repeatedAddReturnsTheSameResult() {
        CniAnswer first = runtime.add(attachment).orThrow();
        KernelState once = KernelState.of(pod.sandbox());
        CniAnswer second = runtime.add(attachment).orThrow();
        assertThat(second.json()).isEqualTo(first.json());
        assertThat(KernelState.of(pod.sandbox())).isEqualTo(once);
        ledger.await(pod, 2, 2);
    }

    @Test
    void checkSucceedsAfterAddAndFailsIfAnAddressIsMissing() {
        // CHECK requires CNI 0.4.0; the sample network has 0.3.0.
        Attachment newer = withCniVersion("1.0.0");
        CniAnswer added = runtime.add(newer).orThrow();
        runtime.check(newer, added).orThrow();
        pod.sandbox().inside("ip", "address", "flush", "dev", "net1-1").run().orThrow();
        CniAnswer broken = runtime.check(newer, added);
        assertThat(broken.code()).isEqualTo(109);
        assertThat(broken.message()).contains("net1-1");
    }

    private Attachment withCniVersion(String version) {
        var config = (ObjectNode) Serialization.unmarshal(attachment.config(), JsonNode.class);
        config.put("cniVersion", version);
        return new Attachment(
                attachment.sandbox(),
                attachment.podNamespace(),
                attachment.podName(),
                attachment.podUid(),
                attachment.ifName(),
                Serialization.asJson(config));
    }

    @Test
    void secondDeleteSucceeds() {
        runtime.add(attachment).orThrow();
        assertThat(runtime.delete(attachment).ok()).isTrue();
        assertThat(KernelState.of(node)).isEqualTo(before);
        assertThat(runtime.delete(attachment).ok()).isTrue();
    }

    @Test
    void deleteWithoutNamespaceReleasesEverything() {
        runtime.add(attachment).orThrow();
        assertThat(runtime.deleteWithoutNamespace(attachment).ok()).isTrue();
        ledger.await(pod, 2, 0);
        assertThat(KernelState.of(node)).isEqualTo(before);
    }

    @Test
    void deleteAfterRemovalOfTheNamespaceReleasesEverything() {
        runtime.add(attachment).orThrow();
        pod.sandbox().delete();
        assertThat(runtime.delete(attachment).ok()).isTrue();
        ledger.await(pod, 2, 0);
        Command.of("ip", "netns", "add", pod.sandbox().namespace()).run().orThrow();
    }

    @Test
    void deleteWithoutPriorAddSucceeds() {
        assertThat(runtime.delete(attachment).ok()).isTrue();
        assertThat(runtime.deleteWithoutNamespace(attachment).ok()).isTrue();
    }

    @Test
    void addAfterDeleteOfTheSameSandboxFailsAndLeavesNothing() {
        runtime.delete(attachment).orThrow();
        KernelState empty = KernelState.of(pod.sandbox());
        assertThat(runtime.add(attachment).code()).isEqualTo(108);
        assertThat(KernelState.of(pod.sandbox())).isEqualTo(empty);
    }
}
