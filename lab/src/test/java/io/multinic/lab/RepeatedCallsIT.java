package io.multinic.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.multinic.lab.layout.LabNode;
import io.multinic.lab.pod.CniAnswer;
import io.multinic.lab.pod.CniRuntime;
import io.multinic.lab.pod.CniRuntime.Attachment;
import io.multinic.lab.pod.LabPod;
import io.multinic.lab.process.Command;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a runtime may do and does: call again, call late, call without the namespace.
class RepeatedCallsIT {
    private static final AtomicInteger PODS = new AtomicInteger();

    private final Lab lab = SharedLab.get();
    private final LabNode node = lab.layout().nodes().getLast();
    private final CniRuntime runtime = lab.runtime(node);
    private final Ledger ledger = new Ledger(lab.ipamApi());
    private final NodeState before = NodeState.of(node);

    @SuppressWarnings("NullAway.Init")
    private LabPod pod;

    @SuppressWarnings("NullAway.Init")
    private Attachment attachment;

    @BeforeEach
    void sandbox() {
        pod = lab.pods().sandbox(node, "default", "again" + PODS.incrementAndGet(), SharedLab.SAMPLE);
        attachment = lab.pods().attachments(pod, SharedLab.SAMPLE).getFirst();
    }

    @AfterEach
    void nothingIsLeft() {
        runtime.delete(attachment).orThrow();
        pod.sandbox().delete();
        lab.kubernetes().pods().inNamespace("default").withName(pod.name()).delete();
        assertThat(NodeState.of(node)).isEqualTo(before);
        ledger.awaitAllClosed();
    }

    @Test
    void repeatedAddGivesTheSameResult() {
        CniAnswer first = runtime.add(attachment).orThrow();
        NodeState once = NodeState.of(pod.sandbox());
        CniAnswer second = runtime.add(attachment).orThrow();
        assertThat(second.json()).isEqualTo(first.json());
        assertThat(NodeState.of(pod.sandbox())).isEqualTo(once);
        ledger.await(pod, 2, 2);
    }

    @Test
    void checkFindsWhatAddMadeAndWhatIsMissingOfIt() {
        // CHECK came with CNI 0.4.0, the sample says 0.3.0.
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
        assertThat(NodeState.of(node)).isEqualTo(before);
        assertThat(runtime.delete(attachment).ok()).isTrue();
    }

    @Test
    void deleteWithoutNamespaceFreesEverything() {
        runtime.add(attachment).orThrow();
        assertThat(runtime.deleteWithoutNamespace(attachment).ok()).isTrue();
        ledger.await(pod, 2, 0);
        assertThat(NodeState.of(node)).isEqualTo(before);
    }

    @Test
    void deleteAfterTheNamespaceIsGoneFreesEverything() {
        runtime.add(attachment).orThrow();
        pod.sandbox().delete();
        assertThat(runtime.delete(attachment).ok()).isTrue();
        ledger.await(pod, 2, 0);
        Command.of("ip", "netns", "add", pod.sandbox().namespace()).run().orThrow();
    }

    @Test
    void deleteOfWhatWasNeverAddedSucceeds() {
        assertThat(runtime.delete(attachment).ok()).isTrue();
        assertThat(runtime.deleteWithoutNamespace(attachment).ok()).isTrue();
    }

    @Test
    void addAfterDeleteOfTheSameSandboxIsRefusedAndLeavesNothing() {
        runtime.delete(attachment).orThrow();
        NodeState empty = NodeState.of(pod.sandbox());
        assertThat(runtime.add(attachment).code()).isEqualTo(108);
        assertThat(NodeState.of(pod.sandbox())).isEqualTo(empty);
    }
}
