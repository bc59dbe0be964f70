package io.multinic.agent.cni;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Pods reach each other for every `rp_filter` of the nodes and every one that pods inherit. Needs root.
@Timeout(300)
class ReversePathFilterIT {
    private static final List<String> MODES = List.of("0", "1", "2");

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({"ptp, 1", "ptp, 2", "macvlan, 1", "macvlan, 2"})
    void podsReachEachOtherForEveryReversePathFilter(String plugin, int nics) {
        assertThat(unreachable(directory, plugin, nics)).isEmpty();
    }

    /// @return the combinations in which a ping failed
    static List<String> unreachable(Path directory, String plugin, int nics) {
        List<String> failed = new ArrayList<>();
        for (String ofNode : MODES) {
            try (var node = new TestNode(directory.resolve(ofNode), 0);
                    var peer = new TestNode(directory.resolve(ofNode), 1)) {
                TestNode.cable(node, peer, 1);
                TestNode.cable(node, peer, 2);
                for (TestNode each : List.of(node, peer)) {
                    setReversePathFilter(each.host, ofNode, List.of("eth1", "eth2"));
                }
                node.plan.set(SamplePlans.sample(0, 2));
                peer.plan.set(SamplePlans.sample(1, 2));
                node.reconcileRoutes();
                peer.reconcileRoutes();
                for (String ofPod : MODES) {
                    failed.addAll(pings(node, peer, plugin, nics, ofPod).stream()
                            .map(ping -> "node " + ofNode + " pod " + ofPod + ": " + ping)
                            .toList());
                }
            }
        }
        return failed;
    }

    private static void setReversePathFilter(TestNamespace namespace, String mode, List<String> links) {
        for (String scope : List.of("all", "default")) {
            namespace.namespace.setSysctl("net/ipv4/conf/" + scope + "/rp_filter", mode);
        }
        links.forEach(link -> namespace.namespace.setSysctl("net/ipv4/conf/" + link + "/rp_filter", mode));
    }

    private static List<String> pings(TestNode node, TestNode peer, String plugin, int nics, String ofPod) {
        List<String> failed = new ArrayList<>();
        try (var pod = TestNode.pod();
                var sibling = TestNode.pod();
                var other = TestNode.pod()) {
            for (TestNamespace each : List.of(pod, sibling, other)) {
                setReversePathFilter(each, ofPod, List.of("lo"));
            }
            var here = add("a" + ofPod, pod, plugin, nics, node);
            var beside = add("s" + ofPod, sibling, plugin, nics, node);
            var there = add("b" + ofPod, other, plugin, nics, peer);
            for (int nic = 0; nic < nics; nic++) {
                failed(failed, "to the other node by NIC " + nic, pod.ping(there.ip(nic)));
                failed(failed, "from the other node by NIC " + nic, other.ping(here.ip(nic)));
                failed(failed, "on the same node by NIC " + nic, pod.ping(beside.ip(nic)));
            }
        }
        return failed;
    }

    private static void failed(List<String> failed, String what, String output) {
        if (!output.isEmpty()) {
            failed.add(what);
        }
    }

    private static CniCall.Answer add(String id, TestNamespace pod, String plugin, int nics, TestNode node) {
        var answer =
                CniCall.add(id, pod, plugin).podArgs("{\"nics\":" + nics + "}").on(node);
        assertThat(answer.code()).as(answer.text()).isZero();
        return answer;
    }
}
