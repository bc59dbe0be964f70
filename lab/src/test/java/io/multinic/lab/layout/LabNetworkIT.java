package io.multinic.lab.layout;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.lab.layout.LabNode.NodeNic;
import io.multinic.lab.process.Command;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LabNetworkIT {
    private static final LabLayout LAYOUT = LabLayout.of(2, 2);

    @BeforeAll
    static void create() {
        LabNetwork.create(LAYOUT);
    }

    @AfterAll
    static void delete() {
        LabNetwork.delete(LAYOUT);
    }

    @Test
    void nodesReachEachOtherOverEachFabricAndTheControlPlaneOverManagement() {
        LabNode first = LAYOUT.nodes().getFirst();
        for (NodeNic nic : LAYOUT.nodes().getLast().nics()) {
            assertThat(ping(first, nic.name(), nic.address().address().toString())
                            .ok())
                    .as(nic.name())
                    .isTrue();
        }
        assertThat(ping(first, "eth0", LAYOUT.controlAddress().toString()).ok()).isTrue();
    }

    @Test
    void defaultRouteOfANodeLeavesByTheManagementNic() {
        LabNode first = LAYOUT.nodes().getFirst();
        assertThat(Command.of(first.inside(List.of("ip", "route", "get", "8.8.8.8")))
                        .run()
                        .out())
                .contains("dev eth0");
    }

    @Test
    void nodeSeesItsOwnNicsInSysfs() {
        LabNode first = LAYOUT.nodes().getFirst();
        assertThat(Command.of(first.inside(List.of("ls", "/sys/class/net")))
                        .run()
                        .out()
                        .lines())
                .contains("eth0", "eth1", "eth2")
                .doesNotContain("fabric1");
    }

    private static Command.Result ping(LabNode node, String nic, String address) {
        return Command.of(node.inside(List.of("ping", "-c", "1", "-W", "2", "-I", nic, address)))
                .run();
    }
}
