package io.multinic.agent.attach.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.multinic.agent.journal.AttachmentKey;
import io.multinic.contract.error.MultiNicException;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class InterfaceNamesTest {
    @Test
    void podInterfaceNameEndsWithItsIndex() {
        assertThat(InterfaceNames.podInterface(new AttachmentKey("c", "net1"), 7, 8))
                .isEqualTo("net1-7");
        assertThat(InterfaceNames.podInterface(new AttachmentKey("c", "thirteenchars"), 1, 2))
                .hasSize(15);
    }

    @Test
    void singleInterfaceHasTheRequestedNameButNotADefaultOne() {
        for (String name : List.of("rail", "fifteen-chars-1", "net", "net1x", "eth7", "üüüüüüü")) {
            assertThat(InterfaceNames.podInterface(new AttachmentKey("c", name), 0, 1))
                    .isEqualTo(name);
        }
        for (String name : List.of("net1", "net12")) {
            assertThat(InterfaceNames.podInterface(new AttachmentKey("c", name), 0, 1))
                    .isEqualTo(name + "-0");
        }
    }

    @Test
    void nameWithoutRoomForItsIndexIsRefused() {
        var key = new AttachmentKey("c", "thirteenchars");
        assertThatThrownBy(() -> InterfaceNames.podInterface(key, 10, 11))
                .isInstanceOf(MultiNicException.class)
                .hasMessageContaining("thirteenchars-10");
        var wide = new AttachmentKey("c", "üüüüüüü");
        assertThatThrownBy(() -> InterfaceNames.podInterface(wide, 0, 2))
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
