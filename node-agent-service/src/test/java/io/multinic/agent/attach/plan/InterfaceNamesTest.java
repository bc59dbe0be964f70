package io.multinic.agent.attach.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.multinic.agent.journal.AttachmentKey;
import io.multinic.contract.error.MultiNicException;
import java.util.HashSet;
import org.junit.jupiter.api.Test;

class InterfaceNamesTest {
    @Test
    void podInterfaceNameEndsWithItsIndex() {
        assertThat(InterfaceNames.podInterface(new AttachmentKey("c", "net1"), 7))
                .isEqualTo("net1-7");
        assertThat(InterfaceNames.podInterface(new AttachmentKey("c", "thirteenchars"), 1))
                .hasSize(15);
    }

    @Test
    void nameWithoutRoomForItsIndexIsRefused() {
        var key = new AttachmentKey("c", "thirteenchars");
        assertThatThrownBy(() -> InterfaceNames.podInterface(key, 10))
                .isInstanceOf(MultiNicException.class)
                .hasMessageContaining("thirteenchars-10");
        var wide = new AttachmentKey("c", "üüüüüüü");
        assertThatThrownBy(() -> InterfaceNames.podInterface(wide, 0))
                .isInstanceOf(MultiNicException.class)
                .hasMessageContaining("16 bytes");
    }

    @Test
    void hostEndNameIsStableAndUniqueForEachInterface() {
        var key = new AttachmentKey("c", "net1");
        assertThat(InterfaceNames.hostEnd(key, 0))
                .isEqualTo(InterfaceNames.hostEnd(new AttachmentKey("c", "net1"), 0))
                .matches("mnv[0-9a-f]{12}");
        var names = new HashSet<String>();
        for (int container = 0; container < 1000; container++) {
            for (int index = 0; index < 8; index++) {
                names.add(InterfaceNames.hostEnd(new AttachmentKey("c" + container, "net1"), index));
            }
        }
        assertThat(names).hasSize(8000);
    }
}
