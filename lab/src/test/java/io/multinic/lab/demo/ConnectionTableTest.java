package io.multinic.lab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.multinic.contract.address.IpAddress;
import io.multinic.lab.layout.LabLayout;
import io.multinic.lab.pod.LabPod;
import io.multinic.lab.pod.PingMatrix;
import io.multinic.lab.pod.PingMatrix.Ping;
import io.multinic.lab.pod.PingMatrix.Row;
import io.multinic.lab.pod.PodSandbox;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConnectionTableTest {
    @Test
    void pingWithoutAnswerIsCountedAndMarked() {
        var matrix = new PingMatrix(List.of(new Row(
                pod("a"),
                pod("bb"),
                List.of(ping("192.168.0.1", "192.168.1.1", true), ping("192.168.64.1", "192.168.65.1", false)))));

        assertThat(ConnectionTable.of(matrix)).isEqualTo("""
            FROM  TO     CONNECTED/TOTAL  ADDRESSES
            ns/a  ns/bb  1/2              192.168.0.1 -> 192.168.1.1  192.168.64.1 -X-> 192.168.65.1\
            """);
        assertThat(matrix.connected()).isEqualTo(1);
        assertThat(matrix.total()).isEqualTo(2);
    }

    private static LabPod pod(String name) {
        return new LabPod(
                "ns",
                name,
                "uid",
                LabLayout.of(1, 1).nodes().getFirst(),
                new PodSandbox("id", "pod-" + name),
                List.of());
    }

    private static Ping ping(String from, String to, boolean answered) {
        return new Ping("net1-0", IpAddress.parse(from), IpAddress.parse(to), answered);
    }
}
