package io.multinic.lab.layout;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.lab.fixture.SharedLab;
import io.multinic.lab.layout.LabNode.NodeNic;
import io.multinic.lab.process.Command;
import java.util.List;
import org.junit.jupiter.api.Test;

class LabNetworkIT {
    private final LabLayout layout = SharedLab.get().layout();
    private final LabNode first = layout.nodes().getFirst();

    @Test
    void nodesReachEachOtherOverEachFabricAndTheControlPlaneOverTheManagementNetwork() {
        for (NodeNic nic : layout.nodes().getLast().nics()) {
            assertThat(ping(nic.name(), nic.address().address().toString()).ok())
                    .as(nic.name())
                    .isTrue();
        }
        assertThat(ping("eth0", layout.controlAddress().toString()).ok()).isTrue();
    }

    @Test
    void defaultRouteOfANodeUsesTheManagementNic() {
        assertThat(Command.of(first.inside(List.of("ip", "route", "get", "8.8.8.8")))
                        .run()
                        .out())
                .contains("dev eth0");
    }

    @Test
    void sysfsOfANodeHasItsOwnNicsOnly() {
        assertThat(Command.of(first.inside(List.of("ls", "/sys/class/net")))
                        .run()
                        .out()
                        .lines())
                .contains("eth0", "eth1", "eth2")
                .doesNotContain("fabric1");
    }

    private Command.Result ping(String nic, String address) {
        return Command.of(first.inside(List.of("ping", "-c", "1", "-W", "2", "-I", nic, address)))
                .run();
    }
}
