package io.multinic.agent.attach.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.agent.attach.reconcile.AttachmentsState.Broken;
import io.multinic.agent.journal.AttachmentKey;
import io.multinic.contract.wire.PodRef;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AttachmentsStateTest {
    @Test
    void messageNamesTheFirstPodsAndTheNumberOfTheOthers() {
        Map<AttachmentKey, Broken> broken = new LinkedHashMap<>();
        for (int i = 0; i < 7; i++) {
            broken.put(
                    new AttachmentKey("c" + i, "net1"),
                    new Broken(new PodRef("default", "p" + i, "u"), "net", "interface net1-0 is missing"));
        }
        assertThat(new AttachmentsState(9, broken, 0).message())
                .startsWith("pod default/p0, network net: interface net1-0 is missing; pod default/p1")
                .contains("p4", "; and 2 more; restore the named objects")
                .doesNotContain("p5");
        assertThat(AttachmentsState.NONE.message()).isEmpty();
    }
}
